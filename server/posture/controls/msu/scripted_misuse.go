package msu

import (
	"github.com/thingward/thingward/server/posture"
)

// ScriptedMisuse is a gate of MSU-02: the probe rule.scripted-misuse runs every rule in force over a script of foreign
// publishes and a flood, on a clock of its own; each must raise its alert.
func ScriptedMisuse() posture.Gate {
	return posture.Gate{
		ID: "MSU-02/scripted-misuse", Control: "MSU-02", Obligation: "scripted-misuse",
		Title:  "A script of misuse raises alerts",
		Probes: []string{"rule.scripted-misuse"},
		Events: []string{"alert.raised"},
	}
}
