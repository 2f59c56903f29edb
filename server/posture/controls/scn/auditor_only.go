package scn

import (
	"github.com/thingward/thingward/server/posture"
)

// AuditorOnly is a gate of SCN-09: the probe policy.auditor-only asks the policies in force for each standard role
// whether it may read audit entries; only the auditor may.
func AuditorOnly() posture.Gate {
	return posture.Gate{
		ID: "SCN-09/auditor-only", Control: "SCN-09", Obligation: "auditor-only",
		Title:  "An administrator who is no auditor cannot read the log",
		Probes: []string{"policy.auditor-only"},
		Events: []string{"access.refused"},
	}
}
