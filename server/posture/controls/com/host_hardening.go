package com

import (
	"time"

	"github.com/thingward/thingward/server/posture"
)

// HostHardening is a gate of COM-07: the probe host.hardening reads the kernel's own settings (address randomisation,
// pointer and log restriction, ptrace scope, core dumps of privileged programs, link protection) and the SSH login
// paths; a failed item is named.
func HostHardening() posture.Gate {
	return posture.Gate{
		ID: "COM-07/host-hardening", Control: "COM-07", Obligation: "host-self-check",
		Title:  "The host of the broker is hardened",
		Probes: []string{"host.hardening"},
		Every:  24 * time.Hour,
	}
}
