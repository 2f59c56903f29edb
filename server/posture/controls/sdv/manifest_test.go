package sdv

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestManifest(t *testing.T) {
	posturetest.Check(t, Manifest(),
		posturetest.Case{Name: "has one", Facts: posturetest.Device(), Want: fleet.Pass},
		posturetest.Case{Name: "has none", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Type = nil }), Want: fleet.Fail, Reason: "door-lock"},
		posturetest.Case{Name: "stranger", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Type, f.Device.Type, f.Device.State = nil, "", fleet.Quarantined }), Want: fleet.NotApplicable},
		posturetest.Case{Name: "retired", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Type, f.Device.State = nil, fleet.Retired }), Want: fleet.NotApplicable},
	)
}
