package crd

import (
	"github.com/thingward/thingward/server/posture"
)

// StrangerQuarantined is a gate of CRD-04: the probe registry.stranger admits a serial that nobody announced, in a
// transaction that is rolled back; the device must stand in quarantine.
func StrangerQuarantined() posture.Gate {
	return posture.Gate{
		ID: "CRD-04/stranger-quarantined", Control: "CRD-04", Obligation: "unknown-to-quarantine",
		Title:  "An unknown device lands in quarantine",
		Probes: []string{"registry.stranger"},
		Events: []string{"device.quarantined"},
	}
}
