package snt

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestKeyedInclusion(t *testing.T) {
	posturetest.Check(t, KeyedInclusion(),
		posturetest.Case{Name: "no z-wave", Facts: posturetest.Device(), Want: fleet.NotApplicable},
		posturetest.Case{Name: "interfaces not reported", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory.Interfaces = nil }), Want: fleet.Unknown, Reason: "interfaces"},
		posturetest.Case{Name: "s2", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory.Radio = &protocol.RadioReport{ZWaveSecurity: "s2"} }), Want: fleet.Pass, Reason: "S2"},
		posturetest.Case{Name: "none", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory.Radio = &protocol.RadioReport{ZWaveSecurity: "none"} }), Want: fleet.Fail},
		posturetest.Case{Name: "not reported", Facts: posturetest.Device(func(f *posture.DeviceFacts) {
			f.Inventory.Interfaces = []protocol.Interface{{Name: "z0", Kind: "zwave"}}
		}), Want: fleet.Unknown},
		posturetest.Case{Name: "invented", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory.Radio = &protocol.RadioReport{ZWaveSecurity: "s9"} }), Want: fleet.Unknown},
	)
}
