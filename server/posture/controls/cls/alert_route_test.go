package cls

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestAlertRoute(t *testing.T) {
	posturetest.Check(t, AlertRoute(),
		posturetest.Case{Name: "one", Facts: posturetest.Server(), Want: fleet.Pass, Reason: "1 alert"},
		posturetest.Case{Name: "none", Facts: posturetest.Server(func(f *posture.ServerFacts) { f.Routes = nil }), Want: fleet.Fail},
	)
}
