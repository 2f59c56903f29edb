package com

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestPacketLimit(t *testing.T) {
	posturetest.Check(t, PacketLimit(),
		posturetest.Case{Name: "limited", Facts: posturetest.Listener(), Want: fleet.Pass},
		posturetest.Case{Name: "none", Facts: posturetest.Listener(func(f *posture.ListenerFacts) { f.MaxPacket = 0 }), Want: fleet.Fail},
		posturetest.Case{Name: "too high", Facts: posturetest.Listener(func(f *posture.ListenerFacts) { f.MaxPacket = 5 << 20 }), Want: fleet.Fail, Reason: "4 MiB"},
		posturetest.Case{Name: "http", Facts: posturetest.Listener(func(f *posture.ListenerFacts) { f.Protocol = "ops" }), Want: fleet.NotApplicable},
	)
}
