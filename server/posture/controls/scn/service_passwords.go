package scn

import (
	"time"

	"github.com/thingward/thingward/server/posture"
)

// ServicePasswords checks SCN-01: a password remains only where no certificate can be used. Services and devices can
// use one; people sign in under the password rules (TSP-05).
func ServicePasswords() posture.Check {
	return posture.Check{
		ID: "SCN-01/service-passwords", Control: "SCN-01", Obligation: "password-register",
		Title: "No service signs in with a password",
		Reads: "account credentials", Subject: posture.Account,
		Eval: posture.On(func(f *posture.AccountFacts, _ time.Time) posture.Verdict {
			switch {
			case f.Kind != "service":
				return posture.NotApplicable("a person, under the password rules")
			case f.State == "disabled":
				return posture.NotApplicable("disabled")
			case f.HasPassword:
				return posture.Fail("a service with a password and no approved exception")
			default:
				return posture.Pass("it has no password")
			}
		}),
	}
}
