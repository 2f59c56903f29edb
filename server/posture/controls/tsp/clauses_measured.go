package tsp

import "github.com/thingward/thingward/server/posture"

// ClausesMeasured is a gate of TSP-01: the probe policy.clauses reads the clauses of the security policy in force and asks for the
// findings of the controls that each names, which list who misses it.
func ClausesMeasured() posture.Gate {
	return posture.Gate{
		ID: "TSP-01/clauses-measured", Control: "TSP-01", Obligation: "clause-compliance",
		Title:  "Every clause of the policy in force is measured, and nothing misses one without an exception",
		Probes: []string{"policy.clauses"},
	}
}
