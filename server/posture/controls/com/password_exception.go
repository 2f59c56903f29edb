package com

import (
	"github.com/thingward/thingward/server/posture"
)

// PasswordException is a gate of COM-03: no exception for passwords can be made in this release, so whoever tries with
// a password alone is a client without one, and must be refused (probe mqtt.password-only).
func PasswordException() posture.Gate {
	return posture.Gate{
		ID: "COM-03/password-exception", Control: "COM-03", Obligation: "password-by-exception",
		Title:  "No client gets in by password unless an exception names it",
		Probes: []string{"mqtt.password-only"},
	}
}
