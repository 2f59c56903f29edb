package sdv

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestOSCapabilities(t *testing.T) {
	posturetest.Check(t, OSCapabilities(),
		posturetest.Case{Name: "one of six", Facts: posturetest.DeviceType(), Want: fleet.Fail, Reason: "sandboxing, accessControl"},
		posturetest.Case{Name: "denied", Facts: posturetest.DeviceType(func(f *fleet.DeviceType) {
			for _, n := range []string{"sandboxing", "accessControl", "trustedExecution", "kernelSeparation", "microkernel"} {
				f.Baseline.Capabilities[n] = "none"
			}
		}), Want: fleet.Fail},
		posturetest.Case{Name: "all", Facts: posturetest.DeviceType(func(f *fleet.DeviceType) {
			for _, n := range []string{"sandboxing", "accessControl", "trustedExecution", "kernelSeparation", "microkernel"} {
				f.Baseline.Capabilities[n] = "claimed"
			}
		}), Want: fleet.Pass},
	)
}
