package act

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestConventionalName(t *testing.T) {
	posturetest.Check(t, ConventionalName(),
		posturetest.Case{Name: "good", Facts: posturetest.Device(), Want: fleet.Pass},
		posturetest.Case{Name: "capitals", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Device.Name = "Lock 1" }), Want: fleet.Fail},
		posturetest.Case{Name: "retired too", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Device.Name, f.Device.State = "x", fleet.Retired }), Want: fleet.Fail},
	)
}
