package snt

import (
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestHeartbeat(t *testing.T) {
	posturetest.Check(t, Heartbeat(),
		posturetest.Case{Name: "heard", Facts: posturetest.Device(), Want: fleet.Pass, Reason: "3m0s", Until: posturetest.Now.Add(170 * time.Second)},
		posturetest.Case{Name: "silent", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.LastSeen = posturetest.Now.Add(-3 * time.Minute) }), Want: fleet.Fail},
		posturetest.Case{Name: "never heard", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.LastSeen = time.Time{} }), Want: fleet.Unknown},
		posturetest.Case{Name: "future", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.LastSeen = posturetest.Now.Add(time.Hour) }), Want: fleet.Unknown},
		posturetest.Case{Name: "slow type", Facts: posturetest.Device(func(f *posture.DeviceFacts) {
			f.Type.Baseline.Heartbeat = time.Hour
			f.LastSeen = posturetest.Now.Add(-2 * time.Hour)
		}), Want: fleet.Pass},
		posturetest.Case{Name: "suspended", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Device.State = fleet.Suspended }), Want: fleet.NotApplicable},
	)
}
