package cls

import (
	"strings"
	"time"

	"github.com/thingward/thingward/server/posture"
)

// NoSharedAccount checks CLS-09: one account used from two addresses at the same time points to sharing, and a shared
// account says of nobody what they did. A sighting counts for a day.
func NoSharedAccount() posture.Check {
	return posture.Check{
		ID: "CLS-09/no-shared-account", Control: "CLS-09", Obligation: "no-shared-account",
		Title: "No person's account is at work from several places at once",
		Reads: "account.shared events", Subject: posture.Account,
		Eval: posture.On(func(f *posture.AccountFacts, now time.Time) posture.Verdict {
			switch {
			case f.Kind != "person":
				return posture.NotApplicable("no person")
			case f.State != "active":
				return posture.NotApplicable("the account is %s", f.State)
			case !f.Shared.IsZero() && now.Before(f.Shared.Add(24*time.Hour)):
				return posture.Fail("at work at once from %s", strings.Join(f.Addresses, " and ")).At(f.Shared.Add(24 * time.Hour))
			default:
				return posture.Pass("not seen in two places at once in the last day")
			}
		}),
	}
}
