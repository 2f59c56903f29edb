package sop

import (
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestClockForward(t *testing.T) {
	behind := func(d time.Duration) posture.Facts {
		return posturetest.Server(func(f *posture.ServerFacts) { f.ClockBehind = d })
	}
	posturetest.Check(t, ClockForward(),
		posturetest.Case{Name: "right", Facts: posturetest.Server(), Want: fleet.Pass},
		posturetest.Case{Name: "a step of the time service", Facts: behind(time.Minute), Want: fleet.Pass},
		posturetest.Case{Name: "set back", Facts: behind(72 * time.Hour), Want: fleet.Fail, Reason: "72h0m0s behind"},
	)
}
