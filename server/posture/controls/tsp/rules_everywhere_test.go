package tsp

import (
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestRulesEverywhere(t *testing.T) {
	posturetest.Check(t, RulesEverywhere(),
		posturetest.Case{Name: "inside", Facts: posturetest.Account(), Want: fleet.Pass},
		posturetest.Case{Name: "past", Facts: posturetest.Account(func(f *posture.AccountFacts) { f.PasswordChanged = posturetest.Now.AddDate(-2, 0, 0) }), Want: fleet.Fail, Reason: "2025-11-17"},
		posturetest.Case{Name: "no rule", Facts: posturetest.Account(func(f *posture.AccountFacts) { f.PasswordMaxAge = 0 }), Want: fleet.Fail},
		posturetest.Case{Name: "disabled", Facts: posturetest.Account(func(f *posture.AccountFacts) { f.State = "disabled" }), Want: fleet.NotApplicable},
		posturetest.Case{Name: "unknown", Facts: posturetest.Account(func(f *posture.AccountFacts) { f.PasswordChanged = time.Time{} }), Want: fleet.Unknown},
	)
}
