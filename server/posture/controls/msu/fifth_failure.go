package msu

import (
	"github.com/thingward/thingward/server/posture"
)

// FifthFailure is a gate of MSU-04: the probe rule.msu04-fifth runs the rule in force over four and five failures in
// sequence inside 30 minutes, on a clock of its own: no alert, then exactly one.
func FifthFailure() posture.Gate {
	return posture.Gate{
		ID: "MSU-04/fifth-failure", Control: "MSU-04", Obligation: "fifth-alerts",
		Title:  "Four failures raise nothing, the fifth raises exactly one alert",
		Probes: []string{"rule.msu04-fifth"},
		Events: []string{"login.failed", "alert.raised"},
	}
}
