package crd

import (
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/posture"
)

// RenewedEarly checks CRD-10 beside its gate: a device in service does not let its certificate run out.
func RenewedEarly() posture.Check {
	return posture.Check{
		ID: "CRD-10/renewed-early", Control: "CRD-10", Obligation: "renew-early",
		Title: "The device renewed its certificate before it ended",
		Reads: "certificate, renewals", Subject: posture.Certificate,
		Eval: posture.On(func(f *posture.CertificateFacts, now time.Time) posture.Verdict {
			c := f.Certificate
			switch {
			case c.SubjectKind != string(protocol.SubjectDevice):
				return posture.NotApplicable("it is no device's")
			case c.State == fleet.CertificateRevoked, !f.HolderEnded.IsZero():
				return posture.NotApplicable("revoked, or its holder is out of service")
			case c.State == fleet.CertificateSuperseded:
				return posture.Pass("replaced before it ended")
			case now.Before(c.NotAfter):
				return posture.Pass("it has not ended").At(c.NotAfter)
			default:
				return posture.Fail("it ended on %s and was not renewed", posture.Day(c.NotAfter))
			}
		}),
	}
}
