package scn

import (
	"github.com/thingward/thingward/server/posture"
)

// NoUnprotectedRoute is a gate of SCN-07: the probe api.protected reads the API's own description: each operation must
// declare a permission of the policies, or be open with its reason.
func NoUnprotectedRoute() posture.Gate {
	return posture.Gate{
		ID: "SCN-07/no-unprotected-route", Control: "SCN-07", Obligation: "no-unprotected-route",
		Title:  "Every route declares its permission, or why it is open",
		Probes: []string{"api.protected"},
	}
}
