package msu

import (
	"time"

	"github.com/thingward/thingward/server/posture"
)

// WithinADay checks MSU-01: whatever fails in between, 24 hours after its holder lost authorisation no credential of
// his is valid.
func WithinADay() posture.Check {
	return posture.Check{
		ID: "MSU-01/within-a-day", Control: "MSU-01", Obligation: "within-a-day",
		Title: "A credential dies within a day of the decision",
		Reads: "certificate revocation, state of its holder", Subject: posture.Certificate,
		Eval: posture.On(func(f *posture.CertificateFacts, now time.Time) posture.Verdict {
			c := f.Certificate
			if f.HolderEnded.IsZero() {
				return posture.NotApplicable("its holder is authorised")
			}
			deadline, end := f.HolderEnded.Add(24*time.Hour), c.NotAfter
			if c.Revoked != nil && c.Revoked.Before(end) {
				end = *c.Revoked
			}
			switch {
			case !end.After(deadline):
				return posture.Pass("dead within a day of the decision")
			case now.Before(deadline):
				return posture.Unknown("still valid, and the day is not over").At(deadline)
			default:
				return posture.Fail("valid for more than 24 hours after its holder lost authorisation on %s", posture.Day(f.HolderEnded))
			}
		}),
	}
}
