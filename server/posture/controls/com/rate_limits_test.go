package com

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestRateLimits(t *testing.T) {
	posturetest.Check(t, RateLimits(),
		posturetest.Case{Name: "set", Facts: posturetest.Server(), Want: fleet.Pass},
		posturetest.Case{Name: "client", Facts: posturetest.Server(func(f *posture.ServerFacts) { f.Limits.ClientRate = 0 }), Want: fleet.Fail, Reason: "one client"},
		posturetest.Case{Name: "global", Facts: posturetest.Server(func(f *posture.ServerFacts) { f.Limits.GlobalRate = 0 }), Want: fleet.Fail, Reason: "together"},
	)
}
