package com

import (
	"github.com/thingward/thingward/server/posture"
)

// CapRequired is a gate of COM-06: the probe config.oversize-limit checks a copy of the configuration in force with a
// packet limit of 1 GiB; the check must refuse it.
func CapRequired() posture.Gate {
	return posture.Gate{
		ID: "COM-06/cap-required", Control: "COM-06", Obligation: "cap-required",
		Title:  "A packet limit above the highest allowed is refused",
		Probes: []string{"config.oversize-limit"},
	}
}
