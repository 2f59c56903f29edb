package scn

import (
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestLogVerifies(t *testing.T) {
	posturetest.Check(t, LogVerifies(),
		posturetest.Case{Name: "verified", Facts: posturetest.Server(), Want: fleet.Pass},
		posturetest.Case{Name: "broken", Facts: posturetest.Server(func(f *posture.ServerFacts) { f.Audit.VerifiedOK, f.Audit.Problem = false, "entry 7" }), Want: fleet.Fail, Reason: "entry 7"},
		posturetest.Case{Name: "never", Facts: posturetest.Server(func(f *posture.ServerFacts) { f.Audit.Verified = time.Time{} }), Want: fleet.Unknown},
		posturetest.Case{Name: "long ago", Facts: posturetest.Server(func(f *posture.ServerFacts) { f.Audit.Verified = posturetest.Now.Add(-25 * time.Hour) }), Want: fleet.Stale},
	)
}
