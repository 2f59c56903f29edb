package gvn

import (
	"time"

	"github.com/thingward/thingward/server/posture"
)

// Reviewed checks GVN-04: an account that nobody has looked at for a year may no longer be needed. A new account counts
// from its creation.
func Reviewed() posture.Check {
	return posture.Check{
		ID: "GVN-04/reviewed", Control: "GVN-04", Obligation: "reviewed-in-a-year",
		Title: "No active account went unreviewed for more than 365 days",
		Reads: "account age, last review", Subject: posture.Account,
		Eval: posture.On(func(f *posture.AccountFacts, now time.Time) posture.Verdict {
			from, what := f.Created, "created"
			if f.Reviewed.After(from) {
				from, what = f.Reviewed, "reviewed"
			}
			switch {
			case f.State == "disabled":
				return posture.NotApplicable("disabled")
			case from.IsZero():
				return posture.Unknown("when it was created is not on record")
			case !now.Before(from.Add(year)):
				return posture.Fail("%s on %s and not reviewed since", what, posture.Day(from))
			default:
				return posture.Pass("%s on %s, within the last 365 days", what, posture.Day(from)).At(from.Add(year))
			}
		}),
	}
}

const year = 365 * 24 * time.Hour
