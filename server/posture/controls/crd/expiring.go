package crd

import (
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
)

// Expiring checks CRD-10: renewal begins when two thirds of the life are over; a certificate in the last sixth that was
// not renewed is listed while there is still time.
func Expiring() posture.Check {
	return posture.Check{
		ID: "CRD-10/expiring", Control: "CRD-10", Obligation: "expiring-soon",
		Title: "The certificate was renewed inside its window",
		Reads: "certificate, renewals", Subject: posture.Certificate,
		Eval: posture.On(func(f *posture.CertificateFacts, now time.Time) posture.Verdict {
			c := f.Certificate
			late := c.NotAfter.Add(-c.NotAfter.Sub(c.NotBefore) / 6)
			switch {
			case c.State != fleet.CertificateActive:
				return posture.NotApplicable("replaced or revoked")
			case !f.HolderEnded.IsZero():
				return posture.NotApplicable("its holder is out of service")
			case now.Before(late):
				return posture.Pass("not yet late to renew").At(late)
			case now.Before(c.NotAfter):
				return posture.Fail("it ends on %s and was not renewed", posture.Day(c.NotAfter)).At(c.NotAfter)
			default:
				return posture.Fail("it ended on %s and was not renewed", posture.Day(c.NotAfter))
			}
		}),
	}
}
