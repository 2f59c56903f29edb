package rsm

import (
	"time"

	"github.com/thingward/thingward/server/posture"
)

// MitigationOnTime checks RSM-02: a risk that is to be mitigated has something planned, with owner and date, and nothing of it is
// overdue. A new due date is approved by somebody else in the register, and then it is the one that counts.
func MitigationOnTime() posture.Check {
	return posture.Check{
		ID: "RSM-02/mitigation-on-time", Control: "RSM-02", Obligation: "mitigation-on-time",
		Title: "Every mitigation of the risk is finished or not yet due",
		Reads: "risk register: mitigations", Subject: posture.Risk, Every: 24 * time.Hour,
		Eval: posture.On(func(f *posture.RiskFacts, now time.Time) posture.Verdict {
			switch {
			case f.Altered != "":
				return posture.Fail("%s", f.Altered)
			case f.Closed:
				return posture.NotApplicable("closed")
			case len(f.Mitigations) == 0 && f.Decision == "mitigate":
				return posture.Fail("it is to be mitigated, and nothing is planned")
			case len(f.Mitigations) == 0:
				return posture.NotApplicable("nothing is to be done about it")
			}
			open, next := 0, time.Time{}
			for _, m := range f.Mitigations {
				switch {
				case !m.Done.IsZero():
				case m.Owner == "" || m.Due.IsZero():
					return posture.Fail("%q has no owner or no due date", m.Title)
				case !now.Before(m.Due):
					return posture.Fail("%q of %s was due on %s", m.Title, m.Owner, posture.Day(m.Due))
				default:
					open++
					if next.IsZero() || m.Due.Before(next) {
						next = m.Due
					}
				}
			}
			return posture.Pass("%d of %d mitigations are finished, and none is overdue", len(f.Mitigations)-open, len(f.Mitigations)).At(next)
		}),
	}
}
