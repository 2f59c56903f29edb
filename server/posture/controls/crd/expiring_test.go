package crd

import (
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestExpiring(t *testing.T) {
	posturetest.Check(t, Expiring(),
		posturetest.Case{Name: "early", Facts: posturetest.Certificate(), Want: fleet.Pass},
		posturetest.Case{Name: "late", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.Certificate.NotAfter = posturetest.Now.Add(24 * time.Hour) }), Want: fleet.Fail, Reason: "ends on 2026-11-18", Until: posturetest.Now.Add(24 * time.Hour)},
		posturetest.Case{Name: "over", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.Certificate.NotAfter = posturetest.Now }), Want: fleet.Fail, Reason: "ended"},
		posturetest.Case{Name: "replaced", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.Certificate.State = fleet.CertificateSuperseded }), Want: fleet.NotApplicable},
		posturetest.Case{Name: "holder gone", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.HolderEnded = posturetest.Now }), Want: fleet.NotApplicable},
	)
}
