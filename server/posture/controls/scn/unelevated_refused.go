package scn

import (
	"github.com/thingward/thingward/server/posture"
)

// UnelevatedRefused is a gate of SCN-08: the probe policy.unelevated asks the policies in force for every permission
// whether a caller without a role may use it; only one's own settings may be open.
func UnelevatedRefused() posture.Gate {
	return posture.Gate{
		ID: "SCN-08/unelevated-refused", Control: "SCN-08", Obligation: "unelevated-refused",
		Title:  "A privileged operation without its role is refused",
		Probes: []string{"policy.unelevated"},
		Events: []string{"access.refused"},
	}
}
