package tsp

import "github.com/thingward/thingward/server/posture"

// NoTakeOverLoop is a gate of TSP-03: the probe broker.no-take-over-loop lets two places with one identity connect in turns to the
// broker's own rule; the first keeps its session.
func NoTakeOverLoop() posture.Gate {
	return posture.Gate{
		ID: "TSP-03/no-take-over-loop", Control: "TSP-03", Obligation: "no-take-over-loop",
		Title:  "Two clients with one identity cannot push each other out in turns",
		Probes: []string{"broker.no-take-over-loop"},
	}
}
