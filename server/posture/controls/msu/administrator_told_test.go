package msu

import (
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestAdministratorTold(t *testing.T) {
	posturetest.Check(t, AdministratorTold(),
		posturetest.Case{Name: "arrived", Facts: posturetest.Server(), Want: fleet.Pass, Reason: "duty"},
		posturetest.Case{Name: "failed since", Facts: posturetest.Server(func(f *posture.ServerFacts) { f.Routes[0].LastError = posturetest.Now }), Want: fleet.Fail},
		posturetest.Case{Name: "one of two", Facts: posturetest.Server(func(f *posture.ServerFacts) {
			f.Routes = append(f.Routes, posture.RouteFacts{Name: "mail", LastError: posturetest.Now})
		}), Want: fleet.Pass, Reason: "duty"},
		posturetest.Case{Name: "never used", Facts: posturetest.Server(func(f *posture.ServerFacts) { f.Routes[0].LastOK = time.Time{} }), Want: fleet.Unknown},
		posturetest.Case{Name: "none", Facts: posturetest.Server(func(f *posture.ServerFacts) { f.Routes = nil }), Want: fleet.Fail},
	)
}
