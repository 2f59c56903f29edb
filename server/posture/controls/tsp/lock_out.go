package tsp

import (
	"github.com/thingward/thingward/server/posture"
)

// LockOut is a gate of TSP-05: the probe access.lock-out runs the lock-out in force over the set number of failures of
// a name that is nobody's; the name must be locked.
func LockOut() posture.Gate {
	return posture.Gate{
		ID: "TSP-05/lock-out", Control: "TSP-05", Obligation: "lock-out",
		Title:  "The set number of failures locks the account",
		Probes: []string{"access.lock-out"},
		Events: []string{"login.locked"},
	}
}
