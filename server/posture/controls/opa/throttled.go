package opa

import (
	"github.com/thingward/thingward/server/posture"
)

// Throttled is a gate of OPA-04: the probe broker.client-limit floods the limiter in force and rule.flood runs the
// flood rule in force over what it reports; the flood must be held and the alert raised.
func Throttled() posture.Gate {
	return posture.Gate{
		ID: "OPA-04/throttled", Control: "OPA-04", Obligation: "throttled",
		Title:  "A device that floods is throttled and raises an alert",
		Probes: []string{"broker.client-limit", "rule.flood"},
		Events: []string{"client.throttled"},
	}
}
