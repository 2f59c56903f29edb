package cls

import (
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestNoSharedAccount(t *testing.T) {
	posturetest.Check(t, NoSharedAccount(),
		posturetest.Case{Name: "alone", Facts: posturetest.Account(), Want: fleet.Pass},
		posturetest.Case{Name: "shared", Facts: posturetest.Account(func(f *posture.AccountFacts) {
			f.Shared, f.Addresses = posturetest.Now.Add(-time.Hour), []string{"192.0.2.1", "198.51.100.2"}
		}), Want: fleet.Fail, Reason: "198.51.100.2"},
		posturetest.Case{Name: "long ago", Facts: posturetest.Account(func(f *posture.AccountFacts) { f.Shared = posturetest.Now.Add(-24 * time.Hour) }), Want: fleet.Pass},
		posturetest.Case{Name: "service", Facts: posturetest.Service(), Want: fleet.NotApplicable},
		posturetest.Case{Name: "disabled", Facts: posturetest.Account(func(f *posture.AccountFacts) { f.State = "disabled" }), Want: fleet.NotApplicable},
	)
}
