package crd

import (
	"github.com/thingward/thingward/server/posture"
)

// RevocationRole is a gate of CRD-11: the probe policy.revoke-role asks the policies in force for each standard role
// whether it may revoke a certificate; auditor, local user, application, gateway, device and nobody may not.
func RevocationRole() posture.Gate {
	return posture.Gate{
		ID: "CRD-11/revocation-role", Control: "CRD-11", Obligation: "wrong-role-refused",
		Title:  "A person without the right role cannot revoke",
		Probes: []string{"policy.revoke-role"},
		Events: []string{"access.refused"},
	}
}
