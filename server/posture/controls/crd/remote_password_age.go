package crd

import (
	"time"

	"github.com/thingward/thingward/server/posture"
)

// RemotePasswordAge checks CRD-06: whoever learned a password long ago loses it within a year.
func RemotePasswordAge() posture.Check {
	return posture.Check{
		ID: "CRD-06/remote-password-age", Control: "CRD-06", Obligation: "remote-password-age",
		Title: "No password for remote access is older than 365 days",
		Reads: "time of the password", Subject: posture.Account,
		Eval: posture.On(func(f *posture.AccountFacts, now time.Time) posture.Verdict {
			switch {
			case f.State == "disabled":
				return posture.NotApplicable("disabled")
			case !f.HasPassword:
				return posture.NotApplicable("it has no password")
			case f.PasswordChanged.IsZero():
				return posture.Unknown("when its password was set is not on record")
			case !now.Before(f.PasswordChanged.AddDate(1, 0, 0)):
				return posture.Fail("its password is of %s, older than 365 days", posture.Day(f.PasswordChanged))
			default:
				return posture.Pass("its password is not older than 365 days").At(f.PasswordChanged.AddDate(1, 0, 0))
			}
		}),
	}
}
