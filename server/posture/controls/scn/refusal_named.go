package scn

import (
	"github.com/thingward/thingward/server/posture"
)

// RefusalNamed is a gate of SCN-07: the probe policy.refusal-named asks the policies in force for something each role
// must not do; each refusal must name what decided.
func RefusalNamed() posture.Gate {
	return posture.Gate{
		ID: "SCN-07/refusal-named", Control: "SCN-07", Obligation: "refusal-names-policy",
		Title:  "A refusal names the policy that decided",
		Probes: []string{"policy.refusal-named"},
		Events: []string{"access.refused"},
	}
}
