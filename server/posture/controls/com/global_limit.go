package com

import (
	"github.com/thingward/thingward/server/posture"
)

// GlobalLimit is a gate of COM-04: the probe broker.global-limit sends more than all clients together may through the
// limiter in force, on a clock of its own; the surplus must be held.
func GlobalLimit() posture.Gate {
	return posture.Gate{
		ID: "COM-04/global-limit", Control: "COM-04", Obligation: "global-limit",
		Title:  "A flood from many clients is held at the global limit",
		Probes: []string{"broker.global-limit"},
	}
}
