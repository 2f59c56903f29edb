package dat

import (
	"github.com/thingward/thingward/server/posture"
)

// UnauthenticatedData is a gate of DAT-03: data comes in through the broker and the API alone: the probes
// tcp.uncertified and api.anonymous try both without an identity.
func UnauthenticatedData() posture.Gate {
	return posture.Gate{
		ID: "DAT-03/unauthenticated-data", Control: "DAT-03", Obligation: "unauthenticated-refused",
		Title:  "Data without an authenticated source is refused",
		Probes: []string{"tcp.uncertified", "api.anonymous"},
	}
}
