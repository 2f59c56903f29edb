package cmp

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestRootOfTrust(t *testing.T) {
	posturetest.Check(t, RootOfTrust(),
		posturetest.Case{Name: "evidenced", Facts: posturetest.DeviceType(), Want: fleet.Pass},
		posturetest.Case{Name: "claimed only", Facts: posturetest.DeviceType(func(f *fleet.DeviceType) { f.Baseline.Capabilities["secureBoot"] = "claimed" }), Want: fleet.Fail, Reason: "secureBoot"},
		posturetest.Case{Name: "nothing said", Facts: posturetest.DeviceType(func(f *fleet.DeviceType) { f.Baseline.Capabilities = nil }), Want: fleet.Fail, Reason: "rootOfTrust, secureBoot"},
	)
}
