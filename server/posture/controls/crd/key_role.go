package crd

import (
	"github.com/thingward/thingward/server/posture"
)

// KeyRole is a gate of CRD-03: the probe policy.key-role asks the policies in force for each standard role whether it
// may change keys or revoke; only the key manager may.
func KeyRole() posture.Gate {
	return posture.Gate{
		ID: "CRD-03/key-role", Control: "CRD-03", Obligation: "key-role-only",
		Title:  "Only the key manager may configure keys",
		Probes: []string{"policy.key-role"},
		Events: []string{"access.refused"},
	}
}
