package scn

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestDeviceServices(t *testing.T) {
	posturetest.Check(t, DeviceServices(),
		posturetest.Case{Name: "none", Facts: posturetest.Device(), Want: fleet.Pass},
		posturetest.Case{Name: "one", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory.RootServices = []string{"telnetd"} }), Want: fleet.Fail, Reason: "telnetd"},
		posturetest.Case{Name: "not measured", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory.RootServices = nil }), Want: fleet.Unknown},
	)
}
