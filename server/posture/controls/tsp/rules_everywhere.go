package tsp

import (
	"time"

	"github.com/thingward/thingward/server/posture"
)

// RulesEverywhere checks TSP-05: no account stands outside the rules, and none has a password past its age.
func RulesEverywhere() posture.Check {
	return posture.Check{
		ID: "TSP-05/rules-everywhere", Control: "TSP-05", Obligation: "rules-everywhere",
		Title: "Every account with a password is under the password rules",
		Reads: "rule in force, time of the password", Subject: posture.Account,
		Eval: posture.On(func(f *posture.AccountFacts, now time.Time) posture.Verdict {
			end := f.PasswordChanged.Add(f.PasswordMaxAge)
			switch {
			case f.State == "disabled" || !f.HasPassword:
				return posture.NotApplicable("disabled, or without a password")
			case f.PasswordMaxAge <= 0:
				return posture.Fail("under no password rule")
			case f.PasswordChanged.IsZero():
				return posture.Unknown("when its password was set is not on record")
			case !now.Before(end):
				return posture.Fail("its password is past its age since %s", posture.Day(end))
			default:
				return posture.Pass("under the rules, and inside its age").At(end)
			}
		}),
	}
}
