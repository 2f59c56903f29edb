package sdv

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestAuthenticatedPorts(t *testing.T) {
	posturetest.Check(t, AuthenticatedPorts(),
		posturetest.Case{Name: "none open", Facts: posturetest.Device(), Want: fleet.Pass},
		posturetest.Case{Name: "loopback", Facts: posturetest.Device(func(f *posture.DeviceFacts) {
			f.Inventory.OpenPorts = []protocol.Port{{Proto: "tcp", Address: "127.0.0.1", Port: 23}}
		}), Want: fleet.Pass},
		posturetest.Case{Name: "ssh", Facts: posturetest.Device(func(f *posture.DeviceFacts) {
			f.Inventory.OpenPorts = []protocol.Port{{Proto: "tcp", Address: "0.0.0.0", Port: 22}}
		}), Want: fleet.Pass},
		posturetest.Case{Name: "telnet", Facts: posturetest.Device(func(f *posture.DeviceFacts) {
			f.Inventory.OpenPorts = []protocol.Port{{Proto: "tcp", Address: "0.0.0.0", Port: 9999}, {Proto: "tcp", Address: "::", Port: 23}}
		}), Want: fleet.Fail, Reason: "telnet"},
		posturetest.Case{Name: "strange", Facts: posturetest.Device(func(f *posture.DeviceFacts) {
			f.Inventory.OpenPorts = []protocol.Port{{Proto: "tcp", Address: "0.0.0.0", Port: 9999}}
		}), Want: fleet.Unknown, Reason: "tcp/9999"},
		posturetest.Case{Name: "not measured", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory.OpenPorts = nil }), Want: fleet.Unknown},
	)
}
