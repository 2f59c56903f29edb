package scn

import (
	"github.com/thingward/thingward/server/posture"
)

// OperationsMapped is a gate of SCN-08: the probe policy.mapped asks the policies in force for each permission which
// roles may use it; each must belong to one at least.
func OperationsMapped() posture.Gate {
	return posture.Gate{
		ID: "SCN-08/operations-mapped", Control: "SCN-08", Obligation: "operation-map",
		Title:  "Every privileged operation belongs to a role",
		Probes: []string{"policy.mapped"},
	}
}
