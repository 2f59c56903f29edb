package act

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestCollisionFree(t *testing.T) {
	posturetest.Check(t, CollisionFree(),
		posturetest.Case{Name: "good", Facts: posturetest.Device(), Want: fleet.Pass},
		posturetest.Case{Name: "a number", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Device.ID = "17" }), Want: fleet.Fail},
		posturetest.Case{Name: "version 4", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Device.ID = "9b2f1c1e-5d0a-4a3e-9f1e-3a1f5c1e5d0a" }), Want: fleet.Fail},
	)
}
