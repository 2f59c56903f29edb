package sop

import (
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestCheckpoints(t *testing.T) {
	posturetest.Check(t, Checkpoints(),
		posturetest.Case{Name: "signed", Facts: posturetest.Server(), Want: fleet.Pass},
		posturetest.Case{Name: "waiting", Facts: posturetest.Server(func(f *posture.ServerFacts) {
			f.Audit.Pending, f.Audit.Checkpoint = 3, posturetest.Now.Add(-2*time.Minute)
		}), Want: fleet.Fail, Reason: "13:58"},
		posturetest.Case{Name: "a moment", Facts: posturetest.Server(func(f *posture.ServerFacts) { f.Audit.Pending = 3; f.Audit.Checkpoint = posturetest.Now }), Want: fleet.Pass},
		posturetest.Case{Name: "quiet", Facts: posturetest.Server(func(f *posture.ServerFacts) { f.Audit.Checkpoint = posturetest.Now.Add(-time.Hour) }), Want: fleet.Pass},
		posturetest.Case{Name: "never", Facts: posturetest.Server(func(f *posture.ServerFacts) { f.Audit.Checkpoint = time.Time{} }), Want: fleet.Unknown},
		posturetest.Case{Name: "future", Facts: posturetest.Server(func(f *posture.ServerFacts) { f.Audit.Checkpoint = posturetest.Now.Add(time.Hour) }), Want: fleet.Unknown},
	)
}
