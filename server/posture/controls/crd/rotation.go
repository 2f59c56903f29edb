package crd

import (
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/posture"
)

// Rotation checks CRD-02: keys rotate without anyone thinking of it: one whose certificate ran out while its holder was
// in service was not. A new one shows nothing yet.
func Rotation() posture.Check {
	return posture.Check{
		ID: "CRD-02/rotation", Control: "CRD-02", Obligation: "rotation-automatic",
		Title: "The key is rotated before its lifetime ends",
		Reads: "certificate, renewals", Subject: posture.Certificate,
		Eval: posture.On(func(f *posture.CertificateFacts, now time.Time) posture.Verdict {
			c := f.Certificate
			due := c.NotAfter.Add(-c.NotAfter.Sub(c.NotBefore) / 10)
			switch {
			case c.SubjectKind == string(protocol.SubjectServer), c.State == fleet.CertificateRevoked, !f.HolderEnded.IsZero():
				return posture.NotApplicable("nothing to rotate: revoked, of the server, or its holder is out of service")
			case c.State == fleet.CertificateSuperseded:
				return posture.Pass("replaced before it ended")
			case now.Before(due):
				return posture.Pass("not due before %s", posture.Day(due)).At(due)
			case now.Before(c.NotAfter):
				return posture.Fail("due since %s and not replaced", posture.Day(due)).At(c.NotAfter)
			default:
				return posture.Fail("it ended on %s and was not replaced", posture.Day(c.NotAfter))
			}
		}),
	}
}
