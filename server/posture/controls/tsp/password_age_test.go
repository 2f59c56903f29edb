package tsp

import (
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestPasswordAge(t *testing.T) {
	posturetest.Check(t, PasswordAge(),
		posturetest.Case{Name: "young", Facts: posturetest.Account(), Want: fleet.Pass},
		posturetest.Case{Name: "aged and blocked", Facts: posturetest.Account(func(f *posture.AccountFacts) {
			f.PasswordChanged, f.MustChange = posturetest.Now.AddDate(-2, 0, 0), true
		}), Want: fleet.Pass, Reason: "must be changed"},
		posturetest.Case{Name: "aged and open", Facts: posturetest.Account(func(f *posture.AccountFacts) { f.PasswordChanged = posturetest.Now.AddDate(-2, 0, 0) }), Want: fleet.Fail, Reason: "2025-11-17"},
		posturetest.Case{Name: "no rule", Facts: posturetest.Account(func(f *posture.AccountFacts) { f.PasswordMaxAge = 0 }), Want: fleet.Fail},
		posturetest.Case{Name: "unknown", Facts: posturetest.Account(func(f *posture.AccountFacts) { f.PasswordChanged = time.Time{} }), Want: fleet.Unknown},
		posturetest.Case{Name: "service", Facts: posturetest.Service(), Want: fleet.NotApplicable},
	)
}
