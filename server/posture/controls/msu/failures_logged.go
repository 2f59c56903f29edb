package msu

import (
	"github.com/thingward/thingward/server/posture"
)

// FailuresLogged is a gate of MSU-04: the probe surface.failures fails on purpose at the API and at every MQTT listener
// and waits for the event of each; all must arrive.
func FailuresLogged() posture.Gate {
	return posture.Gate{
		ID: "MSU-04/failures-logged", Control: "MSU-04", Obligation: "every-failure-logged",
		Title:  "Every surface reports its failures",
		Probes: []string{"surface.failures"},
		Events: []string{"login.failed", "connection.refused"},
	}
}
