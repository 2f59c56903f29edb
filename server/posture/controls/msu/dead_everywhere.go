package msu

import (
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
)

// DeadEverywhere checks MSU-01: withdrawing authorisation ends every credential in the same moment: one that is still
// active is a way in.
func DeadEverywhere() posture.Check {
	return posture.Check{
		ID: "MSU-01/dead-everywhere", Control: "MSU-01", Obligation: "dead-everywhere",
		Title: "No credential outlives the authorisation of its holder",
		Reads: "certificate, state of its holder", Subject: posture.Certificate,
		Eval: posture.On(func(f *posture.CertificateFacts, now time.Time) posture.Verdict {
			c := f.Certificate
			switch {
			case f.HolderEnded.IsZero():
				return posture.NotApplicable("its holder is authorised")
			case c.State == fleet.CertificateRevoked:
				return posture.Pass("revoked with its holder's authorisation")
			case !now.Before(c.NotAfter):
				return posture.NotApplicable("ended on %s", posture.Day(c.NotAfter))
			default:
				return posture.Fail("its holder lost authorisation on %s, and it is not revoked", posture.Day(f.HolderEnded)).At(c.NotAfter)
			}
		}),
	}
}
