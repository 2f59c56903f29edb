package act

import (
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestCompleteRecord(t *testing.T) {
	posturetest.Check(t, CompleteRecord(),
		posturetest.Case{Name: "complete", Facts: posturetest.Device(), Want: fleet.Pass},
		posturetest.Case{Name: "no holder", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Device.Assignee = "" }), Want: fleet.Fail, Reason: "lacks holder"},
		posturetest.Case{Name: "no versions", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory.OS, f.Inventory.Software = "", nil }), Want: fleet.Fail, Reason: "operating system, software"},
		posturetest.Case{Name: "software left out", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory.SoftwareOmitted = 3 }), Want: fleet.Unknown, Reason: "3 packages did not fit"},
		posturetest.Case{Name: "no report", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory = nil }), Want: fleet.Unknown},
		posturetest.Case{Name: "old report", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.InventoryAt = posturetest.Now.Add(-26 * time.Hour) }), Want: fleet.Stale},
		posturetest.Case{Name: "retired", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Device.State = fleet.Retired }), Want: fleet.NotApplicable},
		posturetest.Case{Name: "not enrolled", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Device.State = fleet.Registered }), Want: fleet.NotApplicable},
	)
}
