package scn

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestServicePasswords(t *testing.T) {
	posturetest.Check(t, ServicePasswords(),
		posturetest.Case{Name: "keys only", Facts: posturetest.Service(), Want: fleet.Pass},
		posturetest.Case{Name: "password", Facts: posturetest.Service(func(f *posture.AccountFacts) { f.HasPassword = true }), Want: fleet.Fail},
		posturetest.Case{Name: "person", Facts: posturetest.Account(), Want: fleet.NotApplicable},
		posturetest.Case{Name: "disabled", Facts: posturetest.Service(func(f *posture.AccountFacts) { f.HasPassword, f.State = true, "disabled" }), Want: fleet.NotApplicable},
	)
}
