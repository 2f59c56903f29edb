package crd

import "github.com/thingward/thingward/server/posture"

// BootstrapPaths is a gate of CRD-04: the probe est.bootstrap enrols a device by manufacturer certificate and another by claim
// over EST (RFC 7030), on a certificate authority of its own, and renews what it got.
func BootstrapPaths() posture.Gate {
	return posture.Gate{
		ID: "CRD-04/bootstrap-paths", Control: "CRD-04", Obligation: "bootstrap-paths",
		Title:  "A device can join by manufacturer certificate over EST and by claim",
		Probes: []string{"est.bootstrap"}, Events: []string{"certificate.issued"},
	}
}
