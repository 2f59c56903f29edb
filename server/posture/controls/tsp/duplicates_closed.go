package tsp

import (
	"time"

	"github.com/thingward/thingward/server/posture"
)

// DuplicatesClosed checks TSP-03: every hit is investigated: a closed alert that names no cause or remedy was only put
// away.
func DuplicatesClosed() posture.Check {
	return posture.Check{
		ID: "TSP-03/duplicates-closed", Control: "TSP-03", Obligation: "closed-with-cause",
		Title: "A duplicate-identity alert closes only with cause and remedy",
		Reads: "alerts", Subject: posture.Alert,
		Eval: posture.On(func(f *posture.AlertFacts, _ time.Time) posture.Verdict {
			switch {
			case f.Control != "TSP-03":
				return posture.NotApplicable("about something else")
			case f.State != "closed":
				return posture.NotApplicable("not closed yet")
			case f.Cause == "" || f.Remedy == "":
				return posture.Fail("closed without cause or remedy")
			default:
				return posture.Pass("closed with cause and remedy")
			}
		}),
	}
}
