package act

import (
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestSelfUpdate(t *testing.T) {
	posturetest.Check(t, SelfUpdate(),
		posturetest.Case{Name: "reports", Facts: posturetest.Device(), Want: fleet.Pass},
		posturetest.Case{Name: "heard, but overdue", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.InventoryAt = posturetest.Now.Add(-26 * time.Hour) }), Want: fleet.Fail, Reason: "heard from"},
		posturetest.Case{Name: "away and overdue", Facts: posturetest.Device(func(f *posture.DeviceFacts) {
			f.InventoryAt, f.LastSeen = posturetest.Now.Add(-26*time.Hour), posturetest.Now.Add(-time.Hour)
		}), Want: fleet.Stale},
		posturetest.Case{Name: "never reported", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory = nil }), Want: fleet.Unknown},
		posturetest.Case{Name: "future", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.InventoryAt = posturetest.Now.Add(time.Hour) }), Want: fleet.Unknown, Reason: "clocks"},
	)
}
