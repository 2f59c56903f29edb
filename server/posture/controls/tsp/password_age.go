package tsp

import (
	"time"

	"github.com/thingward/thingward/server/posture"
)

// PasswordAge checks TSP-05: a password older than its rule allows opens nothing but its own change.
func PasswordAge() posture.Check {
	return posture.Check{
		ID: "TSP-05/password-age", Control: "TSP-05", Obligation: "ageing",
		Title: "A password past its age must be changed first",
		Reads: "time of the password, rule in force", Subject: posture.Account,
		Eval: posture.On(func(f *posture.AccountFacts, now time.Time) posture.Verdict {
			end := f.PasswordChanged.Add(f.PasswordMaxAge)
			switch {
			case f.State == "disabled" || !f.HasPassword:
				return posture.NotApplicable("disabled, or without a password")
			case f.PasswordMaxAge <= 0:
				return posture.Fail("no age limit is in force for its password")
			case f.PasswordChanged.IsZero():
				return posture.Unknown("when its password was set is not on record")
			case now.Before(end):
				return posture.Pass("its password is inside its age").At(end)
			case f.MustChange:
				return posture.Pass("its password is past its age, and must be changed before anything else")
			default:
				return posture.Fail("its password ended on %s and still opens the account", posture.Day(end))
			}
		}),
	}
}
