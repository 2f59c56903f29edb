package com

import (
	"github.com/thingward/thingward/server/posture"
)

// Oversize is a gate of COM-06: the probe mqtt.oversize connects as a client of its own and announces a packet above
// the limit; the broker must close with reason code 0x95 before it has the packet.
func Oversize() posture.Gate {
	return posture.Gate{
		ID: "COM-06/oversize", Control: "COM-06", Obligation: "oversize-closed",
		Title:  "A message over the limit closes the connection",
		Probes: []string{"mqtt.oversize"},
		Events: []string{"message.too-large"},
	}
}
