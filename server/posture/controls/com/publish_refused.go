package com

import (
	"github.com/thingward/thingward/server/posture"
)

// PublishRefused is a gate of COM-01: the probe mqtt.foreign-publish connects as a client of its own over mutual TLS
// and publishes at QoS 1 to the topic of a device that is not it; MQTT 5 must answer 0x87.
func PublishRefused() posture.Gate {
	return posture.Gate{
		ID: "COM-01/publish-refused", Control: "COM-01", Obligation: "publish-refused",
		Title:  "A publish outside the list is refused",
		Probes: []string{"mqtt.foreign-publish"},
		Events: []string{"publish.refused"},
	}
}
