package opa

import "github.com/thingward/thingward/server/posture"

// DayAway is a gate of OPA-10: the probe broker.day-away keeps a gateway away for 24 hours on a bench with a clock of its own and
// counts what comes in both directions.
func DayAway() posture.Gate {
	return posture.Gate{
		ID: "OPA-10/day-away", Control: "OPA-10", Obligation: "no-loss",
		Title:  "Nothing is lost or out of order after a day away",
		Probes: []string{"broker.day-away"},
	}
}
