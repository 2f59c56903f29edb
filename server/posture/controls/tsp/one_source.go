package tsp

import (
	"github.com/thingward/thingward/server/posture"
)

// OneSource is a gate of TSP-04: the probe config.weak-tls checks a copy of the configuration in force with TLS 1.1;
// the check must refuse it.
func OneSource() posture.Gate {
	return posture.Gate{
		ID: "TSP-04/one-source", Control: "TSP-04", Obligation: "one-source",
		Title:  "No listener can be configured below the policy",
		Probes: []string{"config.weak-tls"},
	}
}
