package crd

import (
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
)

// KeyRegister checks CRD-01: a key that nobody answers for, or that goes on being registered as active after its end,
// is not managed.
func KeyRegister() posture.Check {
	return posture.Check{
		ID: "CRD-01/key-register", Control: "CRD-01", Obligation: "key-register",
		Title: "Every key is in the register with its holder, and none outlives its lifetime",
		Reads: "certificate, holder", Subject: posture.Certificate,
		Eval: posture.On(func(f *posture.CertificateFacts, now time.Time) posture.Verdict {
			c := f.Certificate
			ended := !now.Before(c.NotAfter)
			switch {
			case c.State == fleet.CertificateRevoked:
				return posture.NotApplicable("revoked")
			case !f.Known:
				return posture.Fail("its holder is not in the registry")
			case c.KeyHash == "":
				return posture.Fail("its key is not registered")
			case ended && c.State == fleet.CertificateActive && f.HolderEnded.IsZero():
				return posture.Fail("its key is past its lifetime, which ended on %s, and was not replaced", posture.Day(c.NotAfter))
			case ended:
				return posture.NotApplicable("ended on %s", posture.Day(c.NotAfter))
			default:
				return posture.Pass("registered, and inside its lifetime").At(c.NotAfter)
			}
		}),
	}
}
