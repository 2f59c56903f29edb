package snt

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestNoJustWorks(t *testing.T) {
	posturetest.Check(t, NoJustWorks(),
		posturetest.Case{Name: "no bluetooth", Facts: posturetest.Device(), Want: fleet.NotApplicable},
		posturetest.Case{Name: "interfaces not reported", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory.Interfaces = nil }), Want: fleet.Unknown, Reason: "interfaces"},
		posturetest.Case{Name: "numeric comparison", Facts: posturetest.Device(func(f *posture.DeviceFacts) {
			f.Inventory.Radio = &protocol.RadioReport{BLEPairing: "numeric-comparison"}
		}), Want: fleet.Pass},
		posturetest.Case{Name: "just works", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory.Radio = &protocol.RadioReport{BLEPairing: "just-works"} }), Want: fleet.Fail},
		posturetest.Case{Name: "not reported", Facts: posturetest.Device(func(f *posture.DeviceFacts) {
			f.Inventory.Interfaces = []protocol.Interface{{Name: "ble0", Kind: "ble"}}
		}), Want: fleet.Unknown},
	)
}
