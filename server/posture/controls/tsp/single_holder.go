package tsp

import (
	"github.com/thingward/thingward/server/posture"
)

// SingleHolder is a gate of TSP-07: the probe ca.duplicate-key asks the authority for a certificate for another subject
// on a key that is registered; it must be refused.
func SingleHolder() posture.Gate {
	return posture.Gate{
		ID: "TSP-07/single-holder", Control: "TSP-07", Obligation: "single-holder",
		Title:  "A credential bound to another holder is refused",
		Probes: []string{"ca.duplicate-key"},
		Events: []string{"enrol.refused"},
	}
}
