package sdv

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestTrustedBoot(t *testing.T) {
	posturetest.Check(t, TrustedBoot(),
		posturetest.Case{Name: "evidenced", Facts: posturetest.DeviceType(), Want: fleet.Pass},
		posturetest.Case{Name: "no boot", Facts: posturetest.DeviceType(func(f *fleet.DeviceType) { delete(f.Baseline.Capabilities, "secureBoot") }), Want: fleet.Fail, Reason: "boot"},
		posturetest.Case{Name: "no hardware", Facts: posturetest.DeviceType(func(f *fleet.DeviceType) { f.Baseline.Capabilities["rootOfTrust"] = "claimed" }), Want: fleet.Fail, Reason: "hardware"},
	)
}
