package cmp

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestBootAttested(t *testing.T) {
	posturetest.Check(t, BootAttested(),
		posturetest.Case{Name: "on", Facts: posturetest.Device(), Want: fleet.Pass},
		posturetest.Case{Name: "off", Facts: posturetest.Device(func(f *posture.DeviceFacts) { *f.Inventory.SecureBoot = false }), Want: fleet.Fail},
		posturetest.Case{Name: "not reported", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory.SecureBoot = nil }), Want: fleet.Unknown},
		posturetest.Case{Name: "not promised", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Type.Baseline.Capabilities = nil }), Want: fleet.NotApplicable},
		posturetest.Case{Name: "no type", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Type = nil }), Want: fleet.Unknown},
	)
}
