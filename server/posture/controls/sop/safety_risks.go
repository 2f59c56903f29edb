package sop

import (
	"time"

	"github.com/thingward/thingward/server/posture"
)

// SafetyRisks checks SOP-01: a risk to safety is ranked and mitigated, and each mitigation is done by its date. Accepting one is
// no mitigation; an exception says so openly.
func SafetyRisks() posture.Check {
	return posture.Check{
		ID: "SOP-01/safety-risk", Control: "SOP-01", Obligation: "safety-risks",
		Title: "The safety risk is ranked and mitigated by its date",
		Reads: "risk register", Subject: posture.Risk,
		Eval: posture.On(func(f *posture.RiskFacts, now time.Time) posture.Verdict {
			switch {
			case f.Altered != "":
				return posture.Fail("%s", f.Altered)
			case !f.Safety:
				return posture.NotApplicable("it is no risk to safety")
			case f.Closed:
				return posture.NotApplicable("it is closed")
			case f.Likelihood == 0 || f.Impact == 0 || f.Level == 0:
				return posture.Fail("it has no rank")
			case len(f.Mitigations) == 0:
				return posture.Fail("it has no mitigation")
			}
			return mitigated(f.Mitigations, now)
		}),
	}
}

func mitigated(all []posture.MitigationFacts, now time.Time) posture.Verdict {
	open, next := 0, time.Time{}
	for _, m := range all {
		switch {
		case !m.Done.IsZero():
		case m.Due.IsZero():
			return posture.Fail("%q has no date", m.Title)
		case !now.Before(m.Due):
			return posture.Fail("%q was due on %s", m.Title, posture.Day(m.Due))
		default:
			open++
			if next.IsZero() || m.Due.Before(next) {
				next = m.Due
			}
		}
	}
	return posture.Pass("%d mitigations, %d of them open and none overdue", len(all), open).At(next)
}
