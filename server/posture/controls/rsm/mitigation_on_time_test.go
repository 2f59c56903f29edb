package rsm

import (
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestMitigationOnTime(t *testing.T) {
	risk := func(spoil func(*posture.RiskFacts)) posture.Facts { return posturetest.Risk(spoil) }
	posturetest.Check(t, MitigationOnTime(),
		posturetest.Case{Name: "removed from the database", Facts: posturetest.Risk(func(f *posture.RiskFacts) { f.Altered, f.Closed = "it was removed from the database", true }), Want: fleet.Fail, Reason: "removed"},
		posturetest.Case{Name: "in time", Facts: posturetest.Risk(), Want: fleet.Pass, Reason: "1 of 2", Until: posturetest.Now.Add(30 * 24 * time.Hour)},
		posturetest.Case{Name: "overdue", Facts: risk(func(f *posture.RiskFacts) { f.Mitigations[1].Due = posturetest.Now }), Want: fleet.Fail, Reason: "was due on 2026-11-17"},
		posturetest.Case{Name: "finished late", Facts: risk(func(f *posture.RiskFacts) {
			f.Mitigations[1].Due, f.Mitigations[1].Done = posturetest.Now.Add(-time.Hour), posturetest.Now
		}), Want: fleet.Pass, Reason: "2 of 2"},
		posturetest.Case{Name: "nobody's", Facts: risk(func(f *posture.RiskFacts) { f.Mitigations[1].Owner = "" }), Want: fleet.Fail, Reason: "no owner"},
		posturetest.Case{Name: "no date", Facts: risk(func(f *posture.RiskFacts) { f.Mitigations[1].Due = time.Time{} }), Want: fleet.Fail},
		posturetest.Case{Name: "nothing planned", Facts: risk(func(f *posture.RiskFacts) { f.Mitigations = nil }), Want: fleet.Fail, Reason: "nothing is planned"},
		posturetest.Case{Name: "accepted", Facts: risk(func(f *posture.RiskFacts) { f.Mitigations, f.Decision = nil, "accept" }), Want: fleet.NotApplicable},
		posturetest.Case{Name: "closed", Facts: risk(func(f *posture.RiskFacts) { f.Closed = true }), Want: fleet.NotApplicable},
	)
}
