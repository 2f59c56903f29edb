package msu

import (
	"github.com/thingward/thingward/server/posture"
)

// SuccessResets is a gate of MSU-04: the probe rule.msu04-resets runs the rule in force over failures with a success
// between, and over five spread over 31 minutes; neither may raise an alert.
func SuccessResets() posture.Gate {
	return posture.Gate{
		ID: "MSU-04/success-resets", Control: "MSU-04", Obligation: "success-resets",
		Title:  "A success starts the count again, and 31 minutes are too long",
		Probes: []string{"rule.msu04-resets"},
	}
}
