package crd

import (
	"time"

	"github.com/thingward/thingward/server/posture"
)

// ShortLife checks CRD-09: an operational certificate is short-lived, so that a lost one ends by itself. The authority
// refuses a longer one; this finds one that got past it.
func ShortLife() posture.Check {
	return posture.Check{
		ID: "CRD-09/short-life", Control: "CRD-09", Obligation: "three-year-limit",
		Title: "The certificate lives at most 3 years",
		Reads: "certificate lifetime", Subject: posture.Certificate,
		Eval: posture.OnOperational(func(f *posture.CertificateFacts, _ time.Time) posture.Verdict {
			c := f.Certificate
			if c.NotAfter.After(c.NotBefore.AddDate(3, 0, 0)) {
				return posture.Fail("it is valid from %s to %s, longer than 3 years", posture.Day(c.NotBefore), posture.Day(c.NotAfter))
			}
			return posture.Pass("it lives at most 3 years")
		}),
	}
}
