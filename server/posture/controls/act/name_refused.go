package act

import (
	"github.com/thingward/thingward/server/posture"
)

// NameRefused is a gate of ACT-04: the probe registry.bad-name asks the registry to create a device with a name outside
// the convention, which must be refused as invalid before anything is written.
func NameRefused() posture.Gate {
	return posture.Gate{
		ID: "ACT-04/name-refused", Control: "ACT-04", Obligation: "name-convention",
		Title:  "A name off the convention is refused",
		Probes: []string{"registry.bad-name"},
	}
}
