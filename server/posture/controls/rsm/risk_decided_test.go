package rsm

import (
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestRiskDecided(t *testing.T) {
	risk := func(spoil func(*posture.RiskFacts)) posture.Facts { return posturetest.Risk(spoil) }
	posturetest.Check(t, RiskDecided(),
		posturetest.Case{Name: "removed from the database", Facts: posturetest.Risk(func(f *posture.RiskFacts) { f.Altered, f.Closed = "it was removed from the database", true }), Want: fleet.Fail, Reason: "removed"},
		posturetest.Case{Name: "decided", Facts: posturetest.Risk(), Want: fleet.Pass, Reason: "jonas decided to mitigate", Until: posturetest.Now.Add(90 * 24 * time.Hour)},
		posturetest.Case{Name: "decided without end", Facts: risk(func(f *posture.RiskFacts) { f.Ends = time.Time{} }), Want: fleet.Pass},
		posturetest.Case{Name: "undecided", Facts: risk(func(f *posture.RiskFacts) { f.Decision, f.Decider = "", "" }), Want: fleet.Fail, Reason: "not decided"},
		posturetest.Case{Name: "not ranked", Facts: risk(func(f *posture.RiskFacts) { f.Impact = 0 }), Want: fleet.Fail, Reason: "not ranked"},
		posturetest.Case{Name: "off the scale", Facts: risk(func(f *posture.RiskFacts) { f.Likelihood = 6 }), Want: fleet.Fail, Reason: "not ranked"},
		posturetest.Case{Name: "no name", Facts: risk(func(f *posture.RiskFacts) { f.Decider = "" }), Want: fleet.Fail, Reason: "not on record"},
		posturetest.Case{Name: "decided by who entered it", Facts: risk(func(f *posture.RiskFacts) { f.Decider = f.Entered }), Want: fleet.Fail, Reason: "too"},
		posturetest.Case{Name: "accepted until yesterday", Facts: risk(func(f *posture.RiskFacts) {
			f.Decision, f.Ends = "accept", posturetest.Now.Add(-24*time.Hour)
		}), Want: fleet.Fail, Reason: "ended on 2026-11-16"},
		posturetest.Case{Name: "closed", Facts: risk(func(f *posture.RiskFacts) { f.Closed, f.Decision = true, "" }), Want: fleet.NotApplicable},
	)
}
