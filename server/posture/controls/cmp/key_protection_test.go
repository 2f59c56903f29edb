package cmp

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestKeyProtection(t *testing.T) {
	posturetest.Check(t, KeyProtection(),
		posturetest.Case{Name: "hardware", Facts: posturetest.DeviceType(), Want: fleet.Pass},
		posturetest.Case{Name: "software", Facts: posturetest.DeviceType(func(f *fleet.DeviceType) { f.Baseline.Key.Storage = "sealed-file" }), Want: fleet.Pass},
		posturetest.Case{Name: "plain", Facts: posturetest.DeviceType(func(f *fleet.DeviceType) { f.Baseline.Key.Storage = "file" }), Want: fleet.Fail},
		posturetest.Case{Name: "nothing", Facts: posturetest.DeviceType(func(f *fleet.DeviceType) { f.Baseline.Key.Storage = "" }), Want: fleet.Fail},
	)
}
