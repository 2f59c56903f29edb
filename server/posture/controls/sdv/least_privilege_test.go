package sdv

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestLeastPrivilege(t *testing.T) {
	posturetest.Check(t, LeastPrivilege(),
		posturetest.Case{Name: "nothing", Facts: posturetest.Device(), Want: fleet.Pass},
		posturetest.Case{Name: "listed", Facts: posturetest.Device(func(f *posture.DeviceFacts) {
			f.Inventory.RootServices = []string{"watchdog"}
			f.Type.Baseline.Capabilities["rootServices"] = "init, watchdog"
		}), Want: fleet.Pass},
		posturetest.Case{Name: "beyond", Facts: posturetest.Device(func(f *posture.DeviceFacts) {
			f.Inventory.RootServices = []string{"watchdog", "ftpd"}
			f.Type.Baseline.Capabilities["rootServices"] = "watchdog"
		}), Want: fleet.Fail, Reason: "ftpd"},
		posturetest.Case{Name: "not measured", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory.RootServices = nil }), Want: fleet.Unknown},
		posturetest.Case{Name: "no type", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Type = nil; f.Inventory.RootServices = []string{"ftpd"} }), Want: fleet.Fail},
	)
}
