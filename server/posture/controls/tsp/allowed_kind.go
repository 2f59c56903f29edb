package tsp

import (
	"github.com/thingward/thingward/server/posture"
)

// AllowedKind is a gate of TSP-07: passwords are for people, certificates and tokens for systems, certificates alone
// for devices: the probes mqtt.password-only and api.false-token try others; all must be refused.
func AllowedKind() posture.Gate {
	return posture.Gate{
		ID: "TSP-07/allowed-kind", Control: "TSP-07", Obligation: "allowed-kind",
		Title:  "A credential of a kind that is not allowed is refused",
		Probes: []string{"mqtt.password-only", "api.false-token"},
		Events: []string{"connection.refused"},
	}
}
