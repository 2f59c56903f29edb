package sdv

import (
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestInterfacesSeen(t *testing.T) {
	device := func(spoil func(*posture.DeviceFacts)) posture.Facts {
		return posturetest.Device(func(f *posture.DeviceFacts) {
			f.Checklist = &posture.Checklist{Closed: map[string]bool{"ethernet": false, "wifi": true}, Expires: posturetest.Now.Add(12 * time.Hour)}
			f.Inventory.Interfaces = []protocol.Interface{{Name: "lo", Kind: "loopback"}, {Name: "eth0", Kind: "ethernet"}}
			spoil(f)
		})
	}
	posturetest.Check(t, InterfacesSeen(),
		posturetest.Case{Name: "as the checklist says", Facts: device(func(*posture.DeviceFacts) {}), Want: fleet.Pass, Until: posturetest.Now.Add(12 * time.Hour)},
		posturetest.Case{Name: "radio that should be off", Facts: device(func(f *posture.DeviceFacts) {
			f.Inventory.Interfaces = append(f.Inventory.Interfaces, protocol.Interface{Name: "wlan0", Kind: "wifi"})
		}), Want: fleet.Fail, Reason: "wlan0 (wifi)"},
		posturetest.Case{Name: "interface nobody inspected", Facts: device(func(f *posture.DeviceFacts) {
			f.Inventory.Interfaces = append(f.Inventory.Interfaces, protocol.Interface{Name: "can0", Kind: "can"})
		}), Want: fleet.Unknown, Reason: "can0"},
		posturetest.Case{Name: "no checklist", Facts: device(func(f *posture.DeviceFacts) { f.Checklist = nil }), Want: fleet.Unknown, Reason: "no approved"},
		posturetest.Case{Name: "checklist has ended", Facts: device(func(f *posture.DeviceFacts) { f.Checklist.Expires = posturetest.Now }), Want: fleet.Unknown, Reason: "ended"},
		posturetest.Case{Name: "names none", Facts: device(func(f *posture.DeviceFacts) { f.Inventory.Interfaces = nil }), Want: fleet.Unknown},
		posturetest.Case{Name: "old report", Facts: device(func(f *posture.DeviceFacts) { f.InventoryAt = posturetest.Now.Add(-25 * time.Hour) }), Want: fleet.Stale},
		posturetest.Case{Name: "retired", Facts: device(func(f *posture.DeviceFacts) { f.Device.State = fleet.Retired }), Want: fleet.NotApplicable},
	)
}
