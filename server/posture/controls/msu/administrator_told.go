package msu

import (
	"time"

	"github.com/thingward/thingward/server/posture"
)

// AdministratorTold checks MSU-04: an alert counts only when it reaches a person. A route whose last delivery failed
// does not work; one that was never used proves nothing.
func AdministratorTold() posture.Check {
	return posture.Check{
		ID: "MSU-04/administrator-told", Control: "MSU-04", Obligation: "administrator-told",
		Title: "An alert route works",
		Reads: "alert routes and their last deliveries", Subject: posture.Server,
		Eval: posture.On(func(f *posture.ServerFacts, _ time.Time) posture.Verdict {
			used := false
			for _, r := range f.Routes {
				if !r.LastOK.IsZero() && r.LastOK.After(r.LastError) {
					return posture.Pass("the last delivery by %s arrived", r.Name)
				}
				used = used || !r.LastError.IsZero()
			}
			switch {
			case len(f.Routes) == 0:
				return posture.Fail("there is no alert route")
			case used:
				return posture.Fail("the last delivery by every route failed")
			default:
				return posture.Unknown("no alert was delivered yet")
			}
		}),
	}
}
