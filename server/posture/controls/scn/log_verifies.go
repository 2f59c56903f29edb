package scn

import (
	"time"

	"github.com/thingward/thingward/server/posture"
)

// LogVerifies checks SCN-09: nobody can edit or delete an entry unseen: verification recomputes the whole log. It
// counts for a day.
func LogVerifies() posture.Check {
	return posture.Check{
		ID: "SCN-09/log-verifies", Control: "SCN-09", Obligation: "append-only",
		Title: "The audit log verifies from its first entry",
		Reads: "last verification", Subject: posture.Server,
		Eval: posture.On(func(f *posture.ServerFacts, now time.Time) posture.Verdict {
			if v := posture.Fresh("verification of the log", f.Audit.Verified, 25*time.Hour, now); v.Known() {
				return v
			}
			if !f.Audit.VerifiedOK {
				return posture.Fail("the log does not verify: %s", f.Audit.Problem)
			}
			return posture.Pass("the log verified from end to end").At(f.Audit.Verified.Add(25 * time.Hour))
		}),
	}
}
