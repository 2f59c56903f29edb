package act

import (
	"github.com/thingward/thingward/server/posture"
)

// IdentifierRefused is a gate of ACT-04: the probe registry.taken-id asks the registry to store a second device under
// an identifier in use, in a transaction that is rolled back; it must be refused.
func IdentifierRefused() posture.Gate {
	return posture.Gate{
		ID: "ACT-04/identifier-refused", Control: "ACT-04", Obligation: "unique-identifier",
		Title:  "An identifier already in use is refused",
		Probes: []string{"registry.taken-id"},
	}
}
