package com

import (
	"github.com/thingward/thingward/server/posture"
)

// Uncertified is a gate of COM-08: the probe tcp.uncertified connects to every listener that requires a client
// certificate, without one and with one that it signed itself; both must be refused.
func Uncertified() posture.Gate {
	return posture.Gate{
		ID: "COM-08/uncertified", Control: "COM-08", Obligation: "uncertified-refused",
		Title:  "A machine without a valid certificate is refused",
		Probes: []string{"tcp.uncertified"},
		Events: []string{"connection.refused"},
	}
}
