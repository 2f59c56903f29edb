package msu

import (
	"github.com/thingward/thingward/server/posture"
)

// CountSurvives is a gate of MSU-04: the probe rule.msu04-restart runs the rule in force over three failures, drops its
// memory as a restart does, and goes on with two more; they must raise the alert.
func CountSurvives() posture.Gate {
	return posture.Gate{
		ID: "MSU-04/count-survives", Control: "MSU-04", Obligation: "count-survives",
		Title:  "The count holds across a restart",
		Probes: []string{"rule.msu04-restart"},
	}
}
