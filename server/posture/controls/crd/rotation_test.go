package crd

import (
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestRotation(t *testing.T) {
	posturetest.Check(t, Rotation(),
		posturetest.Case{Name: "new", Facts: posturetest.Certificate(), Want: fleet.Pass, Reason: "2027-09-12"},
		posturetest.Case{Name: "replaced", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.Certificate.State = fleet.CertificateSuperseded }), Want: fleet.Pass},
		posturetest.Case{Name: "due", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.Certificate.NotAfter = posturetest.Now.Add(time.Hour) }), Want: fleet.Fail, Reason: "due since"},
		posturetest.Case{Name: "ended", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.Certificate.NotAfter = posturetest.Now }), Want: fleet.Fail, Reason: "ended on"},
		posturetest.Case{Name: "holder retired", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.HolderEnded = posturetest.Now }), Want: fleet.NotApplicable},
		posturetest.Case{Name: "server", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.Certificate.SubjectKind = "server" }), Want: fleet.NotApplicable},
	)
}
