package com

import (
	"github.com/thingward/thingward/server/posture"
)

// PlaintextTCP is a gate of COM-08: the probe tcp.plaintext speaks HTTP and MQTT in clear to every listener. Only a
// listener that is documented as plain, with its reason, may answer, and then neither the API nor MQTT.
func PlaintextTCP() posture.Gate {
	return posture.Gate{
		ID: "COM-08/plaintext-tcp", Control: "COM-08", Obligation: "plaintext-tcp-refused",
		Title:    "Every TCP listener refuses plaintext",
		Probes:   []string{"tcp.plaintext"},
		Events:   []string{"connection.refused"},
		Settings: []string{"allow_remote_ops"},
	}
}
