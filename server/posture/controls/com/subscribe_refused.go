package com

import (
	"github.com/thingward/thingward/server/posture"
)

// SubscribeRefused is a gate of COM-01: the probe mqtt.foreign-subscribe connects as a client of its own and subscribes
// to all topics of all devices; the acknowledgement must carry a failure code.
func SubscribeRefused() posture.Gate {
	return posture.Gate{
		ID: "COM-01/subscribe-refused", Control: "COM-01", Obligation: "subscribe-refused",
		Title:  "A subscription outside the list is refused",
		Probes: []string{"mqtt.foreign-subscribe"},
		Events: []string{"subscribe.refused"},
	}
}
