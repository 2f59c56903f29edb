package com

import (
	"github.com/thingward/thingward/server/posture"
)

// PlaintextPassword is a gate of COM-02: the probe mqtt.plaintext-password sends a CONNECT with a password in clear to
// every listener; none may answer with a CONNACK that accepts it.
func PlaintextPassword() posture.Gate {
	return posture.Gate{
		ID: "COM-02/plaintext-password", Control: "COM-02", Obligation: "plaintext-password-refused",
		Title:  "A password over plaintext is refused",
		Probes: []string{"mqtt.plaintext-password"},
		Events: []string{"connection.refused"},
	}
}
