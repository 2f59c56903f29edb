package scn

import (
	"github.com/thingward/thingward/server/posture"
)

// ReadLimited is a gate of SCN-04: the probe policy.read-limited asks the policies in force whether a caller without
// any role, a device, and a local user of another site may read a device; none may.
func ReadLimited() posture.Gate {
	return posture.Gate{
		ID: "SCN-04/read-limited", Control: "SCN-04", Obligation: "read-limited",
		Title:  "Reading a configuration needs a role that may",
		Probes: []string{"policy.read-limited", "api.anonymous"},
		Events: []string{"access.refused"},
	}
}
