package crd

import (
	"github.com/thingward/thingward/server/posture"
)

// DuplicateKey is a gate of CRD-02: the probe ca.duplicate-key asks the authority for a certificate for another subject
// on a key that is registered; it must be refused.
func DuplicateKey() posture.Gate {
	return posture.Gate{
		ID: "CRD-02/duplicate-key", Control: "CRD-02", Obligation: "duplicate-key-refused",
		Title:  "A public key that is already registered is refused",
		Probes: []string{"ca.duplicate-key"},
		Events: []string{"enrol.refused"},
	}
}
