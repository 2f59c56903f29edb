package tsp

import "github.com/thingward/thingward/server/posture"

// OwnException is a gate of TSP-01: the probe posture.own-exception asks for an exception, lets the same person approve it, and then
// another, all in a transaction that is rolled back.
func OwnException() posture.Gate {
	return posture.Gate{
		ID: "TSP-01/own-exception", Control: "TSP-01", Obligation: "separate-approver",
		Title:  "Who asked for an exception cannot approve it",
		Probes: []string{"posture.own-exception"},
	}
}
