package com

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestLinkEncryption(t *testing.T) {
	posturetest.Check(t, LinkEncryption(),
		posturetest.Case{Name: "wired only", Facts: posturetest.Device(), Want: fleet.NotApplicable},
		posturetest.Case{Name: "encrypted", Facts: posturetest.Device(func(f *posture.DeviceFacts) {
			yes := true
			f.Inventory.Interfaces = []protocol.Interface{{Name: "wlan0", Kind: "wifi", Encrypted: &yes}}
		}), Want: fleet.Pass},
		posturetest.Case{Name: "open", Facts: posturetest.Device(func(f *posture.DeviceFacts) {
			yes, no := true, false
			f.Inventory.Interfaces = []protocol.Interface{{Name: "wlan0", Kind: "wifi", Encrypted: &yes}, {Name: "ble0", Kind: "ble", Encrypted: &no}}
		}), Want: fleet.Fail, Reason: "ble0"},
		posturetest.Case{Name: "one unreported", Facts: posturetest.Device(func(f *posture.DeviceFacts) {
			yes := true
			f.Inventory.Interfaces = []protocol.Interface{{Name: "wlan0", Kind: "wifi"}, {Name: "ble0", Kind: "ble", Encrypted: &yes}}
		}), Want: fleet.Unknown, Reason: "wlan0"},
		posturetest.Case{Name: "no interfaces reported", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory.Interfaces = nil }), Want: fleet.Unknown},
	)
}
