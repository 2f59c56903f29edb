package tsp

import (
	"github.com/thingward/thingward/server/posture"
)

// LockOutSurvives is a gate of TSP-05: the probe access.lock-out-restart asks a second, fresh instance on the same
// database for the name that access.lock-out locked; it must be locked there too.
func LockOutSurvives() posture.Gate {
	return posture.Gate{
		ID: "TSP-05/lock-out-survives", Control: "TSP-05", Obligation: "survives-restart",
		Title:  "A lock-out holds across a restart",
		Probes: []string{"access.lock-out-restart"},
	}
}
