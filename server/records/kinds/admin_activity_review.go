package kinds

import (
	"time"

	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/records"
)

// reviewWeek is how long a review of administrative activity counts: the next week, and a day to write it down.
const reviewWeek = 8 * day

// AdminActivityReview serves CLS-13: somebody looks through each week's administrative actions.
func AdminActivityReview() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "admin-activity-review", Title: "Weekly review of administrative activity", About: records.Organisation, Life: reviewWeek,
			Purpose: "Shows that the administrative actions of a week were looked through by somebody who did not carry them out.",
			Form: []records.Field{
				date("from", "From", ""),
				done("to", "To", "The last day that was looked through."),
				person("reviewer", "Reviewer", ""),
				number("actions", "Administrative actions in the log", "", 0, 10000000),
				number("logFrom", "First entry of the log", "Number of the entry.", 0, 1e15),
				number("logTo", "Last entry of the log", "", 0, 1e15),
				prose("result", "Result", "What was looked at closely, and what it came to."),
				tracked("followUps", "Follow-ups", ""),
			},
			Check: func(b records.Body, _ records.Object) (faults []records.Fault) {
				from, ok1 := dayOf(b, "from")
				to, ok2 := dayOf(b, "to")
				if ok1 && ok2 && (to.Before(from) || to.Sub(from) > 31*day) {
					faults = append(faults, records.Fault{Path: "from", Message: "the period must end after it begins and hold a month at most: correct the days"})
				}
				first, ok1 := figure(b, "logFrom")
				last, ok2 := figure(b, "logTo")
				if ok1 && ok2 && last < first {
					faults = append(faults, records.Fault{Path: "logTo", Message: "the last entry cannot come before the first: correct the numbers"})
				}
				return faults
			},
			Example: records.Body{
				"from": "-8d", "to": "-1d", "reviewer": "ines", "actions": 143.0, "logFrom": 88120.0, "logTo": 90377.0, "result": "All elevations have a reason that fits a ticket; two role changes were asked about and confirmed by the owner.",
				"followUps": table("title owner due", cells{"Remove the role that the contractor no longer needs", "olga", "+7d"}),
			},
		},
		Serves: []Serves{
			{"CLS-13", "weekly-review", "reviewed", "The administrative activity of the last week was reviewed", weekReviewed},
			{"CLS-13", "weekly-review", "follow-ups-on-time", "No follow-up of a review is overdue", ItemsDone},
		},
	}
}

// weekReviewed passes when the review in force looks at a week or more.
func weekReviewed(d *records.Duty, now time.Time) posture.Verdict {
	return onRecord(func(r *records.Record) posture.Verdict {
		from, ok1 := dayOf(r.Body, "from")
		to, ok2 := dayOf(r.Body, "to")
		switch {
		case !ok1 || !ok2:
			return posture.Unknown("the review does not say which days it looks at")
		case to.Sub(from) < 6*day:
			return posture.Fail("the review from %s to %s looks at less than a week", posture.Day(from), posture.Day(to))
		default:
			return posture.Pass("reviewed from %s to %s", posture.Day(from), posture.Day(to))
		}
	})(d, now)
}
