package opa

import (
	"github.com/thingward/thingward/server/posture"
)

// ShortRetention is a gate of OPA-10: the probe config.short-retention checks a copy of the configuration in force with
// one hour of retention; the check must refuse it.
func ShortRetention() posture.Gate {
	return posture.Gate{
		ID: "OPA-10/short-retention", Control: "OPA-10", Obligation: "short-retention-refused",
		Title:  "A retention below 24 hours is refused",
		Probes: []string{"config.short-retention"},
	}
}
