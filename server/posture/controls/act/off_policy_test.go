package act

import (
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestOffPolicy(t *testing.T) {
	posturetest.Check(t, OffPolicy(),
		posturetest.Case{Name: "at the minimum", Facts: posturetest.Device(), Want: fleet.Pass},
		posturetest.Case{Name: "below, in time", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory.Firmware = "2.3.0" }), Want: fleet.Pass, Reason: "must comply by 2027-01-16", Until: posturetest.Now.Add(24 * time.Hour)},
		posturetest.Case{Name: "below, past its date", Facts: posturetest.Device(func(f *posture.DeviceFacts) {
			f.Inventory.Firmware = "2.3.0"
			f.Type.Changed = posturetest.Now.Add(-91 * 24 * time.Hour)
		}), Want: fleet.Fail, Reason: "2026-11-16"},
		posturetest.Case{Name: "below, no date", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory.Firmware = "2.3.0"; f.Type.Baseline.UpdateMaxAge = 0 }), Want: fleet.Fail, Reason: "no time"},
		posturetest.Case{Name: "no minimum", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Type.Baseline.Firmware = "" }), Want: fleet.NotApplicable},
		posturetest.Case{Name: "firmware not reported", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory.Firmware = "" }), Want: fleet.Unknown},
		posturetest.Case{Name: "unreadable", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory.Firmware = "spring" }), Want: fleet.Unknown},
		posturetest.Case{Name: "no type", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Type = nil }), Want: fleet.Unknown},
	)
}
