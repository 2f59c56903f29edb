package gvn

import (
	"slices"
	"time"

	"github.com/thingward/thingward/server/posture"
)

// auditorMost is how far ahead an auditor's end may lie, with a day for what is written as a whole day.
const auditorMost = 367 * 24 * time.Hour

// AuditorEnds checks GVN-04: who reads everything, and often is no member of the organisation, is not forgotten: the account of
// an auditor ends by itself within a year. New ones cannot be made without an end; this finds those of earlier versions.
func AuditorEnds() posture.Check {
	return posture.Check{
		ID: "GVN-04/auditor-ends", Control: "GVN-04", Obligation: "automatic-disabling",
		Title: "The account of an auditor ends by itself within a year",
		Reads: "account roles, end of the account", Subject: posture.Account,
		Eval: posture.On(func(f *posture.AccountFacts, now time.Time) posture.Verdict {
			switch {
			case !slices.Contains(f.Roles, "auditor"):
				return posture.NotApplicable("no auditor")
			case f.State == "disabled":
				return posture.NotApplicable("disabled")
			case f.Expires.IsZero():
				return posture.Fail("the account has no end: give it one (thingward account expire %s 2026-12-31), at most 366 days ahead", f.Name)
			case f.Expires.After(now.Add(auditorMost)):
				return posture.Fail("the account ends on %s, more than 366 days ahead: give it an earlier end", posture.Day(f.Expires)).At(f.Expires.Add(-auditorMost))
			default:
				return posture.Pass("ends on %s", posture.Day(f.Expires))
			}
		}),
	}
}
