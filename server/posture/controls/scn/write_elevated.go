package scn

import (
	"github.com/thingward/thingward/server/posture"
)

// WriteElevated is a gate of SCN-04: the probe policy.write-elevated asks the policies in force for each standard role
// whether it may write a device; auditor, key manager, local user, application, gateway, device and nobody may not, and
// an operator may.
func WriteElevated() posture.Gate {
	return posture.Gate{
		ID: "SCN-04/write-elevated", Control: "SCN-04", Obligation: "write-elevated",
		Title:  "Writing a configuration needs an elevated role",
		Probes: []string{"policy.write-elevated"},
		Events: []string{"access.refused"},
	}
}
