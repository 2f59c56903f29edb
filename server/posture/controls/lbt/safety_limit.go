package lbt

import (
	"github.com/thingward/thingward/server/posture"
)

// SafetyLimit is a gate of LBT-01: the probe registry.command-limit checks a command input beyond the bounds of its
// type as sending it would; it must be refused.
func SafetyLimit() posture.Gate {
	return posture.Gate{
		ID: "LBT-01/safety-limit", Control: "LBT-01", Obligation: "limit-refused",
		Title:  "A command beyond a safety limit is refused",
		Probes: []string{"registry.command-limit"},
	}
}
