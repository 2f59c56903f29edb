package rsm

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestBaseline(t *testing.T) {
	posturetest.Check(t, Baseline(),
		posturetest.Case{Name: "full", Facts: posturetest.DeviceType(), Want: fleet.Pass},
		posturetest.Case{Name: "no version", Facts: posturetest.DeviceType(func(f *fleet.DeviceType) { f.Baseline.Firmware = "" }), Want: fleet.Fail, Reason: "minimum version"},
		posturetest.Case{Name: "nothing", Facts: posturetest.DeviceType(func(f *fleet.DeviceType) { f.Baseline = fleet.Baseline{} }), Want: fleet.Fail, Reason: "network list"},
	)
}
