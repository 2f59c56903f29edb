package tsp

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestNoDuplicate(t *testing.T) {
	posturetest.Check(t, NoDuplicate(),
		posturetest.Case{Name: "closed", Facts: posturetest.Alert(), Want: fleet.Pass},
		posturetest.Case{Name: "open", Facts: posturetest.Alert(func(f *posture.AlertFacts) { f.State, f.Subject.Name = "open", "lock-1" }), Want: fleet.Fail, Reason: "lock-1"},
		posturetest.Case{Name: "past its limit", Facts: posturetest.Alert(func(f *posture.AlertFacts) { f.State, f.Raised = "acknowledged", posturetest.Now.AddDate(0, 0, -2) }), Want: fleet.Fail, Reason: "2026-11-15"},
		posturetest.Case{Name: "other", Facts: posturetest.Alert(func(f *posture.AlertFacts) { f.Control = "MSU-04" }), Want: fleet.NotApplicable},
	)
}
