package msu

import (
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestAlertLatency(t *testing.T) {
	posturetest.Check(t, AlertLatency(),
		posturetest.Case{Name: "fast", Facts: posturetest.Alert(), Want: fleet.Pass, Reason: "5 s"},
		posturetest.Case{Name: "slow", Facts: posturetest.Alert(func(f *posture.AlertFacts) { f.Raised = f.Event.Add(6 * time.Second) }), Want: fleet.Fail, Reason: "6s"},
		posturetest.Case{Name: "old", Facts: posturetest.Alert(func(f *posture.AlertFacts) { f.Raised = posturetest.Now.AddDate(0, 0, -1) }), Want: fleet.NotApplicable},
		posturetest.Case{Name: "more events since", Facts: posturetest.Alert(func(f *posture.AlertFacts) { f.Event = f.Raised.Add(time.Second) }), Want: fleet.NotApplicable},
		posturetest.Case{Name: "no event", Facts: posturetest.Alert(func(f *posture.AlertFacts) { f.Event = time.Time{} }), Want: fleet.Unknown},
	)
}
