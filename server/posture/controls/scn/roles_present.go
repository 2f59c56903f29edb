package scn

import (
	"github.com/thingward/thingward/server/posture"
)

// RolesPresent is a gate of SCN-07: the probe policy.roles asks the policies in force what each standard role may do:
// each of people and services may do something, and a device nothing at the API.
func RolesPresent() posture.Gate {
	return posture.Gate{
		ID: "SCN-07/roles-present", Control: "SCN-07", Obligation: "roles-present",
		Title:  "The standard roles are in force",
		Probes: []string{"policy.roles"},
	}
}
