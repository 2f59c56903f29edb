package com

import (
	"time"

	"github.com/thingward/thingward/server/posture"
)

// RateLimits checks COM-04: a limit that is switched off holds nobody.
func RateLimits() posture.Check {
	return posture.Check{
		ID: "COM-04/rate-limits", Control: "COM-04", Obligation: "client-limit",
		Title: "Message rates are limited, for each client and in total",
		Reads: "broker limits", Subject: posture.Server,
		Eval: posture.On(func(f *posture.ServerFacts, _ time.Time) posture.Verdict {
			switch {
			case f.Limits.ClientRate <= 0:
				return posture.Fail("the rate of one client is not limited")
			case f.Limits.GlobalRate <= 0:
				return posture.Fail("the rate of all clients together is not limited")
			default:
				return posture.Pass("%g messages a second for a client, %g for all", f.Limits.ClientRate, f.Limits.GlobalRate)
			}
		}),
	}
}
