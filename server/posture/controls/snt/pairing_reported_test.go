package snt

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestPairingReported(t *testing.T) {
	posturetest.Check(t, PairingReported(),
		posturetest.Case{Name: "no bluetooth", Facts: posturetest.Device(), Want: fleet.NotApplicable},
		posturetest.Case{Name: "interfaces not reported", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory.Interfaces = nil }), Want: fleet.Unknown, Reason: "interfaces"},
		posturetest.Case{Name: "reported", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory.Radio = &protocol.RadioReport{BLEPairing: "passkey"} }), Want: fleet.Pass},
		posturetest.Case{Name: "just works is reported", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory.Radio = &protocol.RadioReport{BLEPairing: "just-works"} }), Want: fleet.Pass},
		posturetest.Case{Name: "silent", Facts: posturetest.Device(func(f *posture.DeviceFacts) {
			f.Inventory.Interfaces = []protocol.Interface{{Name: "ble0", Kind: "ble"}}
		}), Want: fleet.Unknown},
		posturetest.Case{Name: "invented", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory.Radio = &protocol.RadioReport{BLEPairing: "very-safe"} }), Want: fleet.Unknown},
	)
}
