package com

import (
	"time"

	"github.com/thingward/thingward/server/posture"
)

// unusedAfter is how long a grant may lie idle.
const unusedAfter = 90 * 24 * time.Hour

// LeastPrivilege checks COM-01: an application receives what named grants say, and a grant that reaches the whole fleet, or that
// nothing was received by for long, is more than is needed.
func LeastPrivilege() posture.Check {
	return posture.Check{
		ID: "COM-01/least-privilege", Control: "COM-01", Obligation: "least-privilege",
		Title: "Applications receive no more than they use",
		Reads: "grants and their last use", Subject: posture.Account,
		Eval: posture.On(func(f *posture.AccountFacts, now time.Time) posture.Verdict {
			switch {
			case f.Kind != "service":
				return posture.NotApplicable("no service")
			case f.State != "active":
				return posture.NotApplicable("the account is %s", f.State)
			case len(f.Grants) == 0:
				return posture.Pass("nothing is granted")
			}
			next := now.Add(unusedAfter)
			for _, g := range f.Grants {
				if g.Broad {
					return posture.Fail("the grant %s reaches every message of every device: give narrower ones, then revoke it", g.Name)
				}
				last := g.Used
				if last.Before(g.Created) {
					last = g.Created
				}
				idle := last.Add(unusedAfter)
				if !now.Before(idle) {
					return posture.Fail("the grant %s was not used for %d days: revoke it", g.Name, int(now.Sub(last).Hours()/24))
				}
				if idle.Before(next) {
					next = idle
				}
			}
			return posture.Pass("every one of %d grants is narrow and in use", len(f.Grants)).At(next)
		}),
	}
}
