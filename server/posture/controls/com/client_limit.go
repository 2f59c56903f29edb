package com

import (
	"github.com/thingward/thingward/server/posture"
)

// ClientLimit is a gate of COM-04: the probe broker.client-limit sends more than one client may through the limiter in
// force, on a clock of its own; the surplus must be held.
func ClientLimit() posture.Gate {
	return posture.Gate{
		ID: "COM-04/client-limit", Control: "COM-04", Obligation: "client-limit",
		Title:  "A flood from one client is held at its limit",
		Probes: []string{"broker.client-limit"},
		Events: []string{"client.throttled"},
	}
}
