package gvn

import (
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestDeviceReviewed(t *testing.T) {
	made := func(created, reviewed time.Time) *posture.DeviceFacts {
		return posturetest.Device(func(f *posture.DeviceFacts) { f.Device.Created, f.Reviewed = created, reviewed })
	}
	old, last := posturetest.Now.Add(-2*year), posturetest.Now.Add(-30*24*time.Hour)
	posturetest.Check(t, DeviceReviewed(),
		posturetest.Case{Name: "new", Facts: made(last, time.Time{}), Want: fleet.Pass, Reason: "registered", Until: last.Add(year)},
		posturetest.Case{Name: "old", Facts: made(old, time.Time{}), Want: fleet.Fail, Reason: "not reviewed since"},
		posturetest.Case{Name: "old and kept", Facts: made(old, last), Want: fleet.Pass, Reason: "reviewed", Until: last.Add(year)},
		posturetest.Case{Name: "kept long ago", Facts: made(old, posturetest.Now.Add(-year)), Want: fleet.Fail, Reason: "reviewed on"},
		posturetest.Case{Name: "not on record", Facts: made(time.Time{}, time.Time{}), Want: fleet.Unknown},
		posturetest.Case{Name: "retired", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Device.State = fleet.Retired }), Want: fleet.NotApplicable},
	)
}
