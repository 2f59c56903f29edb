package crd

import (
	"github.com/thingward/thingward/server/posture"
)

// EvidenceRequired is a gate of CRD-08: the probe est.no-evidence sends a well-formed certificate request to EST
// without a claim or certificate; no certificate may come back.
func EvidenceRequired() posture.Gate {
	return posture.Gate{
		ID: "CRD-08/evidence-required", Control: "CRD-08", Obligation: "evidence-required",
		Title:  "No certificate is issued without evidence",
		Probes: []string{"est.no-evidence"},
		Events: []string{"enrol.refused"},
	}
}
