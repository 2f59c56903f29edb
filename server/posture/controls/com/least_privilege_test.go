package com

import (
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestLeastPrivilege(t *testing.T) {
	day := 24 * time.Hour
	with := func(g ...posture.GrantFacts) posture.Facts {
		return posturetest.Service(func(f *posture.AccountFacts) { f.Grants = g })
	}
	posturetest.Check(t, LeastPrivilege(),
		posturetest.Case{Name: "nothing granted", Facts: posturetest.Service(), Want: fleet.Pass},
		posturetest.Case{Name: "narrow and used", Facts: with(posture.GrantFacts{Name: "climate", Created: posturetest.Now.Add(-200 * day), Used: posturetest.Now.Add(-day)}), Want: fleet.Pass},
		posturetest.Case{Name: "new", Facts: with(posture.GrantFacts{Name: "climate", Created: posturetest.Now.Add(-day)}), Want: fleet.Pass},
		posturetest.Case{Name: "never used", Facts: with(posture.GrantFacts{Name: "climate", Created: posturetest.Now.Add(-90 * day)}), Want: fleet.Fail, Reason: "90 days"},
		posturetest.Case{Name: "no longer used", Facts: with(posture.GrantFacts{Name: "climate", Created: posturetest.Now.Add(-300 * day), Used: posturetest.Now.Add(-100 * day)}), Want: fleet.Fail, Reason: "100 days"},
		posturetest.Case{Name: "broad", Facts: with(posture.GrantFacts{Name: "whole-fleet", Broad: true, Created: posturetest.Now, Used: posturetest.Now}), Want: fleet.Fail, Reason: "whole-fleet"},
		posturetest.Case{Name: "person", Facts: posturetest.Account(), Want: fleet.NotApplicable},
		posturetest.Case{Name: "disabled", Facts: posturetest.Service(func(f *posture.AccountFacts) { f.State = "disabled" }), Want: fleet.NotApplicable},
	)
}
