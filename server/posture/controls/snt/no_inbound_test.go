package snt

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestNoInbound(t *testing.T) {
	posturetest.Check(t, NoInbound(),
		posturetest.Case{Name: "none", Facts: posturetest.Device(), Want: fleet.Pass},
		posturetest.Case{Name: "loopback", Facts: posturetest.Device(func(f *posture.DeviceFacts) {
			f.Inventory.OpenPorts = []protocol.Port{{Proto: "tcp", Address: "::1", Port: 23}}
		}), Want: fleet.Pass},
		posturetest.Case{Name: "open", Facts: posturetest.Device(func(f *posture.DeviceFacts) {
			f.Inventory.OpenPorts = []protocol.Port{{Proto: "tcp", Address: "0.0.0.0", Port: 22}}
		}), Want: fleet.Fail, Reason: "tcp/22"},
		posturetest.Case{Name: "not measured", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory.OpenPorts = nil }), Want: fleet.Unknown},
	)
}
