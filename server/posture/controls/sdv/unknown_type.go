package sdv

import (
	"github.com/thingward/thingward/server/posture"
)

// UnknownType is a gate of SDV-02: the probe registry.unknown-type asks the registry to create a device of a type that
// has no manifest; it must be refused.
func UnknownType() posture.Gate {
	return posture.Gate{
		ID: "SDV-02/unknown-type", Control: "SDV-02", Obligation: "manifest-required",
		Title:  "A device whose type has no manifest is refused",
		Probes: []string{"registry.unknown-type"},
	}
}
