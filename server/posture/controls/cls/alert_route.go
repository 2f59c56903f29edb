package cls

import (
	"time"

	"github.com/thingward/thingward/server/posture"
)

// AlertRoute checks CLS-08: a threshold without a route alerts nobody.
func AlertRoute() posture.Check {
	return posture.Check{
		ID: "CLS-08/alert-route", Control: "CLS-08", Obligation: "route-required",
		Title: "Alerts have a route to an administrator",
		Reads: "alert routes", Subject: posture.Server,
		Eval: posture.On(func(f *posture.ServerFacts, _ time.Time) posture.Verdict {
			if len(f.Routes) == 0 {
				return posture.Fail("there is no alert route: set one with PUT /api/v1/routes or in the console")
			}
			return posture.Pass("%d alert routes", len(f.Routes))
		}),
	}
}
