package crd

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestSecureStorage(t *testing.T) {
	posturetest.Check(t, SecureStorage(),
		posturetest.Case{Name: "element", Facts: posturetest.Device(), Want: fleet.Pass},
		posturetest.Case{Name: "sealed", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory.KeyStorage = "sealed-file" }), Want: fleet.Pass},
		posturetest.Case{Name: "plain", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory.KeyStorage = "file" }), Want: fleet.Fail},
		posturetest.Case{Name: "not reported", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory.KeyStorage = "" }), Want: fleet.Unknown},
	)
}
