package rsm

import (
	"time"

	"github.com/thingward/thingward/server/posture"
)

// RiskDecided checks RSM-02: a risk that nobody ranked or decided is carried without anybody knowing. A decision whose end has
// passed counts no longer, and one by the person who entered the risk never did.
func RiskDecided() posture.Check {
	return posture.Check{
		ID: "RSM-02/risk-decided", Control: "RSM-02", Obligation: "every-risk-decided",
		Title: "The risk is ranked and decided, and its decision still counts",
		Reads: "risk register: likelihood, impact, decision", Subject: posture.Risk, Every: 24 * time.Hour,
		Eval: posture.On(func(f *posture.RiskFacts, now time.Time) posture.Verdict {
			switch {
			case f.Altered != "":
				return posture.Fail("%s", f.Altered)
			case f.Closed:
				return posture.NotApplicable("closed")
			case !scaled(f.Likelihood) || !scaled(f.Impact) || !scaled(f.Level):
				return posture.Fail("it is not ranked by likelihood and impact")
			case f.Decision == "":
				return posture.Fail("entered on %s and not decided", posture.Day(f.Created))
			case f.Decider == "":
				return posture.Fail("who decided to %s it is not on record", f.Decision)
			case f.Decider == f.Entered:
				return posture.Fail("%s entered the risk and decided it too", f.Decider)
			case !f.InForce(now):
				return posture.Fail("the decision to %s it ended on %s", f.Decision, posture.Day(f.Ends))
			default:
				return posture.Pass("%s decided to %s it", f.Decider, f.Decision).At(f.Ends)
			}
		}),
	}
}

// scaled reports whether a level stands on the scale of NIST SP 800-30: very low to very high.
func scaled(level int) bool { return level >= 1 && level <= 5 }
