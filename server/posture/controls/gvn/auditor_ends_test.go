package gvn

import (
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestAuditorEnds(t *testing.T) {
	auditor := func(ends time.Time) posture.Facts {
		return posturetest.Account(func(f *posture.AccountFacts) { f.Roles, f.Expires = []string{"auditor"}, ends })
	}
	far := posturetest.Now.Add(2 * auditorMost)
	posturetest.Check(t, AuditorEnds(),
		posturetest.Case{Name: "with an end", Facts: auditor(posturetest.Now.Add(90 * 24 * time.Hour)), Want: fleet.Pass, Reason: "ends on 2027-02-15"},
		posturetest.Case{Name: "of an earlier version", Facts: auditor(time.Time{}), Want: fleet.Fail, Reason: "thingward account expire mara"},
		posturetest.Case{Name: "far ahead", Facts: auditor(far), Want: fleet.Fail, Reason: "earlier end", Until: posturetest.Now.Add(auditorMost)},
		posturetest.Case{Name: "no auditor", Facts: posturetest.Account(), Want: fleet.NotApplicable},
		posturetest.Case{Name: "disabled", Facts: posturetest.Account(func(f *posture.AccountFacts) { f.Roles, f.State = []string{"auditor"}, "disabled" }), Want: fleet.NotApplicable},
	)
}
