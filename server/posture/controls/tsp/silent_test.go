package tsp

import (
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestSilent(t *testing.T) {
	posturetest.Check(t, Silent(),
		posturetest.Case{Name: "heard", Facts: posturetest.Device(), Want: fleet.Pass, Reason: "3m0s", Until: posturetest.Now.Add(170 * time.Second)},
		posturetest.Case{Name: "silent", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.LastSeen = posturetest.Now.Add(-3 * time.Minute) }), Want: fleet.Fail, Reason: "3m0s"},
		posturetest.Case{Name: "never", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.LastSeen = time.Time{} }), Want: fleet.Unknown},
		posturetest.Case{Name: "future", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.LastSeen = posturetest.Now.Add(time.Hour) }), Want: fleet.Unknown},
		posturetest.Case{Name: "no heartbeat set", Facts: posturetest.Device(func(f *posture.DeviceFacts) {
			f.Type.Baseline.Heartbeat = 0
			f.LastSeen = posturetest.Now.Add(-2 * time.Minute)
		}), Want: fleet.Pass},
		posturetest.Case{Name: "retired", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Device.State = fleet.Retired }), Want: fleet.NotApplicable},
	)
}
