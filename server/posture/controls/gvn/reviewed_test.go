package gvn

import (
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestReviewed(t *testing.T) {
	posturetest.Check(t, Reviewed(),
		posturetest.Case{Name: "new", Facts: posturetest.Account(), Want: fleet.Pass, Reason: "created on 2026-08-09"},
		posturetest.Case{Name: "reviewed", Facts: posturetest.Account(func(f *posture.AccountFacts) {
			f.Created, f.Reviewed = posturetest.Now.AddDate(-2, 0, 0), posturetest.Now.AddDate(0, -1, 0)
		}), Want: fleet.Pass, Reason: "reviewed on 2026-10-17"},
		posturetest.Case{Name: "never reviewed", Facts: posturetest.Account(func(f *posture.AccountFacts) { f.Created = posturetest.Now.AddDate(-1, 0, -1) }), Want: fleet.Fail},
		posturetest.Case{Name: "unknown", Facts: posturetest.Account(func(f *posture.AccountFacts) { f.Created = time.Time{} }), Want: fleet.Unknown},
		posturetest.Case{Name: "disabled", Facts: posturetest.Account(func(f *posture.AccountFacts) { f.State = "disabled" }), Want: fleet.NotApplicable},
	)
}
