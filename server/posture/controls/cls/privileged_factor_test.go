package cls

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestPrivilegedFactor(t *testing.T) {
	posturetest.Check(t, PrivilegedFactor(),
		posturetest.Case{Name: "enrolled", Facts: posturetest.Account(), Want: fleet.Pass},
		posturetest.Case{Name: "missing", Facts: posturetest.Account(func(f *posture.AccountFacts) { f.MFA = false }), Want: fleet.Fail, Reason: "system-administrator"},
		posturetest.Case{Name: "no privilege", Facts: posturetest.Account(func(f *posture.AccountFacts) { f.MFA, f.Roles = false, []string{"local-user"} }), Want: fleet.NotApplicable},
		posturetest.Case{Name: "locked counts", Facts: posturetest.Account(func(f *posture.AccountFacts) { f.MFA, f.State = false, "locked" }), Want: fleet.Fail},
		posturetest.Case{Name: "disabled", Facts: posturetest.Account(func(f *posture.AccountFacts) { f.MFA, f.State = false, "disabled" }), Want: fleet.NotApplicable},
		posturetest.Case{Name: "service", Facts: posturetest.Service(), Want: fleet.NotApplicable},
	)
}
