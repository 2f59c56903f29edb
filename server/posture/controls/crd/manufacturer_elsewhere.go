package crd

import (
	"github.com/thingward/thingward/server/posture"
)

// ManufacturerElsewhere is a gate of CRD-09: the probe ca.manufacturer-elsewhere presents a certificate that a throw-
// away manufacturer signed to the check that broker and API use; it must be refused.
func ManufacturerElsewhere() posture.Gate {
	return posture.Gate{
		ID: "CRD-09/manufacturer-elsewhere", Control: "CRD-09", Obligation: "enrolment-only",
		Title:  "A manufacturer's certificate works at enrolment only",
		Probes: []string{"ca.manufacturer-elsewhere"},
		Events: []string{"connection.refused"},
	}
}
