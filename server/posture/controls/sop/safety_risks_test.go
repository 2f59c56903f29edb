package sop

import (
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func risk(spoil func(*posture.RiskFacts)) *posture.RiskFacts {
	f := &posture.RiskFacts{
		ID: "r1", Title: "Escape door stays locked", Likelihood: 2, Impact: 5, Level: 3, Safety: true,
		Mitigations: []posture.MitigationFacts{
			{Title: "Unlock without power", Owner: "theo", Due: posturetest.Now.Add(-time.Hour), Done: posturetest.Now.Add(-2 * time.Hour)},
			{Title: "Second contact", Owner: "theo", Due: posturetest.Now.Add(24 * time.Hour)},
		},
	}
	spoil(f)
	return f
}

func TestSafetyRisks(t *testing.T) {
	posturetest.Check(t, SafetyRisks(),
		posturetest.Case{Name: "removed from the database", Facts: posturetest.Risk(func(f *posture.RiskFacts) { f.Altered, f.Closed = "it was removed from the database", true }), Want: fleet.Fail, Reason: "removed"},
		posturetest.Case{Name: "mitigated", Facts: risk(func(*posture.RiskFacts) {}), Want: fleet.Pass, Until: posturetest.Now.Add(24 * time.Hour)},
		posturetest.Case{Name: "overdue", Facts: risk(func(f *posture.RiskFacts) { f.Mitigations[0].Done = time.Time{} }), Want: fleet.Fail, Reason: "was due"},
		posturetest.Case{Name: "no date", Facts: risk(func(f *posture.RiskFacts) { f.Mitigations[1].Due = time.Time{} }), Want: fleet.Fail, Reason: "no date"},
		posturetest.Case{Name: "unranked", Facts: risk(func(f *posture.RiskFacts) { f.Level = 0 }), Want: fleet.Fail, Reason: "no rank"},
		posturetest.Case{Name: "unmitigated", Facts: risk(func(f *posture.RiskFacts) { f.Mitigations = nil }), Want: fleet.Fail, Reason: "no mitigation"},
		posturetest.Case{Name: "closed", Facts: risk(func(f *posture.RiskFacts) { f.Closed = true }), Want: fleet.NotApplicable},
		posturetest.Case{Name: "not safety", Facts: risk(func(f *posture.RiskFacts) { f.Safety = false }), Want: fleet.NotApplicable},
	)
}
