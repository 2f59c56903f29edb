package cls

import (
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestNoSharedService(t *testing.T) {
	posturetest.Check(t, NoSharedService(),
		posturetest.Case{Name: "alone", Facts: posturetest.Service(), Want: fleet.Pass},
		posturetest.Case{Name: "shared", Facts: posturetest.Service(func(f *posture.AccountFacts) {
			f.Shared, f.Addresses = posturetest.Now.Add(-time.Hour), []string{"192.0.2.1", "198.51.100.2"}
		}), Want: fleet.Fail, Reason: "198.51.100.2"},
		posturetest.Case{Name: "person", Facts: posturetest.Account(), Want: fleet.NotApplicable},
	)
}
