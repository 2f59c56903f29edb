package rsm

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestNoDeviation(t *testing.T) {
	posturetest.Check(t, NoDeviation(),
		posturetest.Case{Name: "conforms", Facts: posturetest.Device(), Want: fleet.Pass},
		posturetest.Case{Name: "old firmware", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory.Firmware = "1.0" }), Want: fleet.Fail, Reason: "firmware 1.0"},
		posturetest.Case{Name: "key in a file", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory.KeyStorage = "sealed-file" }), Want: fleet.Fail, Reason: "key storage"},
		posturetest.Case{Name: "other algorithm", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Certificates[0].Algorithm = "RSA-2048" }), Want: fleet.Fail, Reason: "RSA-2048"},
		posturetest.Case{Name: "pairing not reported", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Type.Baseline.Radio = map[string]string{"ble.pairing": "passkey"} }), Want: fleet.Unknown, Reason: "Bluetooth"},
		posturetest.Case{Name: "key storage not reported", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory.KeyStorage = "" }), Want: fleet.Unknown},
		posturetest.Case{Name: "no type", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Type = nil }), Want: fleet.Unknown},
	)
}
