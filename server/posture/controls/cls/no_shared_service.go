package cls

import (
	"strings"
	"time"

	"github.com/thingward/thingward/server/posture"
)

// NoSharedService checks CLS-10: each system has an identity of its own; one account at work from two addresses at once
// serves two. A sighting counts for a day.
func NoSharedService() posture.Check {
	return posture.Check{
		ID: "CLS-10/no-shared-service", Control: "CLS-10", Obligation: "sharing-detected",
		Title: "No two systems use one service account",
		Reads: "account.shared events", Subject: posture.Account,
		Eval: posture.On(func(f *posture.AccountFacts, now time.Time) posture.Verdict {
			switch {
			case f.Kind != "service":
				return posture.NotApplicable("no service")
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
