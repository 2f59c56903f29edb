package crd

import (
	"github.com/thingward/thingward/server/posture"
)

// PlainRegistration is a gate of CRD-04: the probe est.plaintext asks for enrolment in clear at every listener; none
// may process it.
func PlainRegistration() posture.Gate {
	return posture.Gate{
		ID: "CRD-04/plain-registration", Control: "CRD-04", Obligation: "plaintext-refused",
		Title:  "Registration over plaintext is refused",
		Probes: []string{"est.plaintext"},
	}
}
