package tsp

import (
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestMinimumVersion(t *testing.T) {
	posturetest.Check(t, MinimumVersion(),
		posturetest.Case{Name: "at the minimum", Facts: posturetest.Device(), Want: fleet.Pass, Reason: "2.4.1", Until: posturetest.Now.Add(24 * time.Hour)},
		posturetest.Case{Name: "above", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory.Firmware = "2.10.0" }), Want: fleet.Pass},
		posturetest.Case{Name: "below", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory.Firmware = "2.4.0" }), Want: fleet.Fail, Reason: "requires >=2.4.1"},
		posturetest.Case{Name: "candidate", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory.Firmware = "2.4.1-rc1" }), Want: fleet.Fail},
		posturetest.Case{Name: "no report", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory = nil }), Want: fleet.Unknown},
		posturetest.Case{Name: "old report", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.InventoryAt = posturetest.Now.Add(-25 * time.Hour) }), Want: fleet.Stale},
		posturetest.Case{Name: "rare heartbeat", Facts: posturetest.Device(func(f *posture.DeviceFacts) {
			f.InventoryAt = posturetest.Now.Add(-25 * time.Hour)
			f.Type.Baseline.Heartbeat = 24 * time.Hour
		}), Want: fleet.Pass},
		posturetest.Case{Name: "not named", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory.Firmware = "" }), Want: fleet.Unknown},
		posturetest.Case{Name: "unreadable", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory.Firmware = "spring" }), Want: fleet.Unknown},
		posturetest.Case{Name: "no minimum", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Type.Baseline.Firmware = "" }), Want: fleet.NotApplicable},
		posturetest.Case{Name: "retired", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Device.State = fleet.Retired }), Want: fleet.NotApplicable},
		posturetest.Case{Name: "no type", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Type = nil }), Want: fleet.Unknown},
	)
}
