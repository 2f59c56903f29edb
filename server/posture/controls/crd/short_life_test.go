package crd

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestShortLife(t *testing.T) {
	posturetest.Check(t, ShortLife(),
		posturetest.Case{Name: "a year", Facts: posturetest.Certificate(), Want: fleet.Pass},
		posturetest.Case{Name: "3 years", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.Certificate.NotAfter = f.Certificate.NotBefore.AddDate(3, 0, 0) }), Want: fleet.Pass},
		posturetest.Case{Name: "longer", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.Certificate.NotAfter = f.Certificate.NotBefore.AddDate(3, 0, 1) }), Want: fleet.Fail, Reason: "2029-10-19"},
		posturetest.Case{Name: "revoked", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.Certificate.State = fleet.CertificateRevoked }), Want: fleet.NotApplicable},
	)
}
