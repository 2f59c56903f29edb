package act

import (
	"github.com/thingward/thingward/server/posture"
)

// Findable is a gate of ACT-01: the probe registry.findable takes one device and asks the registry for it by name,
// type, site, state, holder and serial; each answer must hold it.
func Findable() posture.Gate {
	return posture.Gate{
		ID: "ACT-01/findable", Control: "ACT-01", Obligation: "findable",
		Title:  "Every device can be found by each field of its record",
		Probes: []string{"registry.findable"},
	}
}
