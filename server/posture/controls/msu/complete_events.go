package msu

import (
	"github.com/thingward/thingward/server/posture"
)

// CompleteEvents is a gate of MSU-05: the probe event.incomplete hands the event intake one event for each required
// field, without it; each must be refused with the field named.
func CompleteEvents() posture.Gate {
	return posture.Gate{
		ID: "MSU-05/complete-events", Control: "MSU-05", Obligation: "complete-or-refused",
		Title:  "An event that lacks a field is refused, and the field is named",
		Probes: []string{"event.incomplete"},
	}
}
