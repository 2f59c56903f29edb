package tsp

import (
	"github.com/thingward/thingward/server/posture"
)

// DuplicateAlert is a gate of TSP-03: the probe rule.duplicate-identity runs the rule in force over one identity that
// connects from two addresses; the alert must name both.
func DuplicateAlert() posture.Gate {
	return posture.Gate{
		ID: "TSP-03/duplicate-alert", Control: "TSP-03", Obligation: "duplicate-alert",
		Title:  "One identity in two places raises an alert that names both",
		Probes: []string{"rule.duplicate-identity"},
		Events: []string{"identity.duplicate"},
	}
}
