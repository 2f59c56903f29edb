package tsp

import (
	"github.com/thingward/thingward/server/posture"
)

// StrongPasswords is a gate of TSP-05: the probe password.weak offers the password rules a short, a common and a
// reused-looking password; each must be refused with the reason.
func StrongPasswords() posture.Gate {
	return posture.Gate{
		ID: "TSP-05/strong-passwords", Control: "TSP-05", Obligation: "strength",
		Title:  "A weak password is refused with the reason",
		Probes: []string{"password.weak"},
	}
}
