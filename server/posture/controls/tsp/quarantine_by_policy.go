package tsp

import "github.com/thingward/thingward/server/posture"

// QuarantineByPolicy is a gate of TSP-03: the probe rule.quarantines raises the alert on a bench whose policy quarantines for it, and waits
// for the device to be out of its fleet without a person.
func QuarantineByPolicy() posture.Gate {
	return posture.Gate{
		ID: "TSP-03/quarantine-by-policy", Control: "TSP-03", Obligation: "quarantine-by-policy",
		Title:  "A device behind a duplicate-identity alert is quarantined where policy says so",
		Probes: []string{"rule.quarantines"},
	}
}
