package act

import (
	"github.com/thingward/thingward/server/posture"
)

// IdentifierFixed is a gate of ACT-05: the probe api.identifier-fixed reads the API's own description: no operation
// that writes a device may take an identifier in its body.
func IdentifierFixed() posture.Gate {
	return posture.Gate{
		ID: "ACT-05/identifier-fixed", Control: "ACT-05", Obligation: "identifier-fixed",
		Title:  "The identifier of a device cannot be changed",
		Probes: []string{"api.identifier-fixed"},
	}
}
