package snt

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestNetworkKeyAge(t *testing.T) {
	posturetest.Check(t, NetworkKeyAge(),
		posturetest.Case{Name: "no zigbee", Facts: posturetest.Device(), Want: fleet.NotApplicable},
		posturetest.Case{Name: "interfaces not reported", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory.Interfaces = nil }), Want: fleet.Unknown, Reason: "interfaces"},
		posturetest.Case{Name: "young", Facts: posturetest.Device(func(f *posture.DeviceFacts) {
			age := 30.0
			f.Inventory.Radio = &protocol.RadioReport{ZigbeeTCKeyHash: "x", ZigbeeKeyAgeDays: &age}
		}), Want: fleet.Pass},
		posturetest.Case{Name: "old", Facts: posturetest.Device(func(f *posture.DeviceFacts) {
			age := 366.0
			f.Inventory.Radio = &protocol.RadioReport{ZigbeeTCKeyHash: "x", ZigbeeKeyAgeDays: &age}
		}), Want: fleet.Fail, Reason: "366"},
		posturetest.Case{Name: "not reported", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory.Radio = &protocol.RadioReport{ZigbeeTCKeyHash: "x"} }), Want: fleet.Unknown},
	)
}
