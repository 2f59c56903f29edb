package act

import (
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestManualEntry(t *testing.T) {
	posturetest.Check(t, ManualEntry(),
		posturetest.Case{Name: "reports itself", Facts: posturetest.Device(), Want: fleet.NotApplicable},
		posturetest.Case{Name: "confirmed", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory, f.Device.Changed = nil, posturetest.Now.Add(-24*time.Hour) }), Want: fleet.Pass, Reason: "2026-11-16", Until: posturetest.Now.Add(91 * 24 * time.Hour)},
		posturetest.Case{Name: "old", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory = nil }), Want: fleet.Fail, Reason: "2026-08-09"},
		posturetest.Case{Name: "no date", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory, f.Device.Created = nil, time.Time{} }), Want: fleet.Unknown},
	)
}
