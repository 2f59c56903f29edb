package crd

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestKeyRegister(t *testing.T) {
	posturetest.Check(t, KeyRegister(),
		posturetest.Case{Name: "registered", Facts: posturetest.Certificate(), Want: fleet.Pass},
		posturetest.Case{Name: "no holder", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.Known = false }), Want: fleet.Fail, Reason: "holder"},
		posturetest.Case{Name: "no key", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.Certificate.KeyHash = "" }), Want: fleet.Fail},
		posturetest.Case{Name: "past its end", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.Certificate.NotAfter = posturetest.Now }), Want: fleet.Fail, Reason: "2026-11-17"},
		posturetest.Case{Name: "replaced", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) {
			f.Certificate.NotAfter, f.Certificate.State = posturetest.Now, fleet.CertificateSuperseded
		}), Want: fleet.NotApplicable},
		posturetest.Case{Name: "holder retired", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) {
			f.Certificate.NotAfter, f.HolderEnded = posturetest.Now, posturetest.Now
		}), Want: fleet.NotApplicable},
		posturetest.Case{Name: "revoked", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.Certificate.State = fleet.CertificateRevoked }), Want: fleet.NotApplicable},
	)
}
