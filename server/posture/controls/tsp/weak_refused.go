package tsp

import (
	"github.com/thingward/thingward/server/posture"
)

// WeakRefused is a gate of TSP-04: the probe tls.scan offers every listener what is weak, and ca.weak-key asks the
// authority for a certificate on an RSA key with 1024 bits; all must be refused.
func WeakRefused() posture.Gate {
	return posture.Gate{
		ID: "TSP-04/weak-refused", Control: "TSP-04", Obligation: "weak-refused",
		Title:    "Weak suites, keys and signatures are refused",
		Probes:   []string{"tls.scan", "ca.weak-key"},
		Settings: []string{"min_tls"},
	}
}
