package com

import (
	"strings"
	"time"

	"github.com/thingward/thingward/server/posture"
)

// PacketLimit checks COM-06: a listener without a limit lets one message take the broker's memory.
func PacketLimit() posture.Check {
	return posture.Check{
		ID: "COM-06/packet-limit", Control: "COM-06", Obligation: "oversize-closed",
		Title: "Every MQTT listener has a packet limit",
		Reads: "listeners", Subject: posture.Listener,
		Eval: posture.On(func(f *posture.ListenerFacts, _ time.Time) posture.Verdict {
			switch {
			case !strings.Contains(f.Protocol, "mqtt") && !strings.Contains(f.Protocol, "wss"):
				return posture.NotApplicable("it speaks no MQTT")
			case f.MaxPacket <= 0:
				return posture.Fail("it takes packets of any size")
			case f.MaxPacket > 4<<20:
				return posture.Fail("its limit of %d bytes is above the highest allowed, 4 MiB", f.MaxPacket)
			default:
				return posture.Pass("packets up to %d bytes", f.MaxPacket)
			}
		}),
	}
}
