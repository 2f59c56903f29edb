package crd

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestEvidenceKept(t *testing.T) {
	posturetest.Check(t, EvidenceKept(),
		posturetest.Case{Name: "kept", Facts: posturetest.Certificate(), Want: fleet.Pass, Reason: "claim"},
		posturetest.Case{Name: "lost", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.Certificate.EnrolledBy = "" }), Want: fleet.Fail},
		posturetest.Case{Name: "ended", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.Certificate.NotAfter = posturetest.Now }), Want: fleet.NotApplicable},
	)
}
