package opa

import (
	"github.com/thingward/thingward/server/posture"
)

// Neighbours is a gate of OPA-04: the probe broker.neighbour floods the limiter in force as one client and sends as
// another, on a clock of its own; the other must not be held.
func Neighbours() posture.Gate {
	return posture.Gate{
		ID: "OPA-04/neighbours", Control: "OPA-04", Obligation: "others-unharmed",
		Title:  "Throttling one device slows no other",
		Probes: []string{"broker.neighbour"},
	}
}
