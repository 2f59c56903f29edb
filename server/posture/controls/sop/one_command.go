package sop

import (
	"github.com/thingward/thingward/server/posture"
)

// OneCommand is a gate of SOP-03: the probe audit.tamper-located runs the same verification as thingward audit verify
// over a copy with one altered byte; it must name the entry.
func OneCommand() posture.Gate {
	return posture.Gate{
		ID: "SOP-03/one-command", Control: "SOP-03", Obligation: "one-command",
		Title:  "One command verifies the log and names an altered entry",
		Probes: []string{"audit.tamper-located"},
		Events: []string{"audit.verified"},
	}
}
