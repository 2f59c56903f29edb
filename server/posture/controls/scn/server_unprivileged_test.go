package scn

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestServerUnprivileged(t *testing.T) {
	posturetest.Check(t, ServerUnprivileged(),
		posturetest.Case{Name: "unprivileged", Facts: posturetest.Server(), Want: fleet.Pass},
		posturetest.Case{Name: "root", Facts: posturetest.Server(func(f *posture.ServerFacts) { f.RunsAsRoot = true }), Want: fleet.Fail},
	)
}
