package tsp

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestDuplicatesClosed(t *testing.T) {
	posturetest.Check(t, DuplicatesClosed(),
		posturetest.Case{Name: "dealt with", Facts: posturetest.Alert(), Want: fleet.Pass},
		posturetest.Case{Name: "no remedy", Facts: posturetest.Alert(func(f *posture.AlertFacts) { f.Remedy = "" }), Want: fleet.Fail},
		posturetest.Case{Name: "open", Facts: posturetest.Alert(func(f *posture.AlertFacts) { f.State = "open" }), Want: fleet.NotApplicable},
		posturetest.Case{Name: "other", Facts: posturetest.Alert(func(f *posture.AlertFacts) { f.Control = "MSU-04" }), Want: fleet.NotApplicable},
	)
}
