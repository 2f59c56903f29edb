package imt

import (
	"github.com/thingward/thingward/server/posture"
)

// MembersOnly is a gate of IMT-01: the probe policy.auditor-only asks the policies in force for each standard role
// whether it may read audit entries; only the auditor may.
func MembersOnly() posture.Gate {
	return posture.Gate{
		ID: "IMT-01/members-only", Control: "IMT-01", Obligation: "members-only",
		Title:  "Only the audit group reads the log",
		Probes: []string{"policy.auditor-only"},
		Events: []string{"access.refused"},
	}
}
