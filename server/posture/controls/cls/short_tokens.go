package cls

import (
	"time"

	"github.com/thingward/thingward/server/posture"
)

// ShortTokens checks CLS-11: a token that never ends is a password that nobody changes. 90 days are the most.
func ShortTokens() posture.Check {
	return posture.Check{
		ID: "CLS-11/short-tokens", Control: "CLS-11", Obligation: "short-or-bound",
		Title: "Every API token of the account is short-lived",
		Reads: "API tokens", Subject: posture.Account,
		Eval: posture.On(func(f *posture.AccountFacts, _ time.Time) posture.Verdict {
			if f.State == "disabled" {
				return posture.NotApplicable("disabled")
			}
			for _, t := range f.Tokens {
				if t.Expires.IsZero() {
					return posture.Fail("the token %s never ends", t.ID)
				}
				if t.Expires.Sub(t.Created) > 90*24*time.Hour {
					return posture.Fail("the token %s lives from %s to %s, longer than 90 days", t.ID, posture.Day(t.Created), posture.Day(t.Expires))
				}
			}
			return posture.Pass("no token lives longer than 90 days")
		}),
	}
}
