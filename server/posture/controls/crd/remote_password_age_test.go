package crd

import (
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestRemotePasswordAge(t *testing.T) {
	posturetest.Check(t, RemotePasswordAge(),
		posturetest.Case{Name: "young", Facts: posturetest.Account(), Want: fleet.Pass},
		posturetest.Case{Name: "old", Facts: posturetest.Account(func(f *posture.AccountFacts) { f.PasswordChanged = posturetest.Now.AddDate(-1, 0, 0) }), Want: fleet.Fail, Reason: "2025-11-17"},
		posturetest.Case{Name: "unknown", Facts: posturetest.Account(func(f *posture.AccountFacts) { f.PasswordChanged = time.Time{} }), Want: fleet.Unknown},
		posturetest.Case{Name: "service", Facts: posturetest.Service(), Want: fleet.NotApplicable},
		posturetest.Case{Name: "disabled", Facts: posturetest.Account(func(f *posture.AccountFacts) { f.State = "disabled" }), Want: fleet.NotApplicable},
	)
}
