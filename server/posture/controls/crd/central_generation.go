package crd

import (
	"github.com/thingward/thingward/server/posture"
)

// CentralGeneration is a gate of CRD-01: the probe est.central-generation asks EST to generate a key (RFC 7030, 4.4);
// as no exception for it can be made in this release, the server must not offer it.
func CentralGeneration() posture.Gate {
	return posture.Gate{
		ID: "CRD-01/central-generation", Control: "CRD-01", Obligation: "central-by-exception",
		Title:  "Keys are not generated centrally",
		Probes: []string{"est.central-generation"},
	}
}
