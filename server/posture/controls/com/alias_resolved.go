package com

import (
	"github.com/thingward/thingward/server/posture"
)

// AliasResolved is a gate of COM-01: the probe mqtt.alias publishes to a foreign topic that sets an alias and then by
// the alias alone; both must be refused.
func AliasResolved() posture.Gate {
	return posture.Gate{
		ID: "COM-01/alias-resolved", Control: "COM-01", Obligation: "alias-resolved",
		Title:  "A topic alias does not get around the list",
		Probes: []string{"mqtt.alias"},
		Events: []string{"publish.refused"},
	}
}
