package tsp

import (
	"time"

	"github.com/thingward/thingward/server/posture"
)

// NoDuplicate checks TSP-03: a duplicate identity is open as long as its alert is. A day is the limit.
func NoDuplicate() posture.Check {
	return posture.Check{
		ID: "TSP-03/no-duplicate", Control: "TSP-03", Obligation: "no-duplicate-left",
		Title: "No duplicate identity is left, and no such alert is past its time limit",
		Reads: "alerts", Subject: posture.Alert,
		Eval: posture.On(func(f *posture.AlertFacts, now time.Time) posture.Verdict {
			limit := f.Raised.Add(24 * time.Hour)
			switch {
			case f.Control != "TSP-03":
				return posture.NotApplicable("about something else")
			case f.State == "closed":
				return posture.Pass("closed")
			case now.Before(limit):
				return posture.Fail("one identity is used by several: %s", f.Subject.Name).At(limit)
			default:
				return posture.Fail("one identity is used by several, and the alert is open since %s", posture.Day(f.Raised))
			}
		}),
	}
}
