package crd

import (
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestRenewedEarly(t *testing.T) {
	fresh := posturetest.Certificate()
	posturetest.Check(t, RenewedEarly(),
		posturetest.Case{Name: "in use", Facts: fresh, Want: fleet.Pass, Until: fresh.Certificate.NotAfter},
		posturetest.Case{Name: "replaced", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.Certificate.State = fleet.CertificateSuperseded }), Want: fleet.Pass},
		posturetest.Case{Name: "ran out", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.Certificate.NotAfter = posturetest.Now }), Want: fleet.Fail, Reason: "not renewed"},
		posturetest.Case{Name: "holder retired", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) {
			f.Certificate.NotAfter, f.HolderEnded = posturetest.Now, posturetest.Now.Add(-time.Hour)
		}), Want: fleet.NotApplicable},
		posturetest.Case{Name: "of a service", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.Certificate.SubjectKind = "account" }), Want: fleet.NotApplicable},
	)
}
