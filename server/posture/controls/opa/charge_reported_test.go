package opa

import (
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestChargeReported(t *testing.T) {
	posturetest.Check(t, ChargeReported(),
		posturetest.Case{Name: "reported", Facts: posturetest.Device(), Want: fleet.Pass},
		posturetest.Case{Name: "not stated", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Health.Battery = nil }), Want: fleet.Fail},
		posturetest.Case{Name: "old", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.HealthAt = posturetest.Now.Add(-time.Hour) }), Want: fleet.Fail, Reason: "3m0s"},
		posturetest.Case{Name: "never", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Health = nil }), Want: fleet.Unknown},
		posturetest.Case{Name: "mains", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Type.Properties = nil }), Want: fleet.NotApplicable},
		posturetest.Case{Name: "no type", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Type = nil }), Want: fleet.Unknown},
	)
}
