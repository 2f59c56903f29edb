package posturetest

import (
	"time"

	"github.com/thingward/thingward/server/posture"
)

// Risk is an open risk that was decided by somebody else and is being mitigated in time, changed by spoil.
func Risk(spoil ...func(*posture.RiskFacts)) *posture.RiskFacts {
	f := &posture.RiskFacts{
		ID: "01935d2a-8c00-7000-8000-000000000008", Title: "Copied key of the lobby gateway", Asset: "gateway in the lobby", Threat: "visitor with tools",
		System: "building", Scopes: []string{"gateway"}, Owner: "mara", Entered: "mara", Likelihood: 3, Impact: 4, Level: 3, ResidualLevel: 2,
		Decision: "mitigate", Decider: "jonas", Decided: Now.Add(-10 * 24 * time.Hour), Ends: Now.Add(90 * 24 * time.Hour), Created: Now.Add(-20 * 24 * time.Hour),
		Mitigations: []posture.MitigationFacts{
			{Title: "Seal the case", Owner: "mara", Due: Now.Add(-5 * 24 * time.Hour), Done: Now.Add(-6 * 24 * time.Hour)},
			{Title: "Move it behind the desk", Owner: "mara", Due: Now.Add(30 * 24 * time.Hour)},
		},
	}
	for _, s := range spoil {
		s(f)
	}
	return f
}
