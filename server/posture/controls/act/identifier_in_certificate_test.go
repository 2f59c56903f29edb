package act

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestIdentifierInCertificate(t *testing.T) {
	posturetest.Check(t, IdentifierInCertificate(),
		posturetest.Case{Name: "carries it", Facts: posturetest.Certificate(), Want: fleet.Pass},
		posturetest.Case{Name: "carries another", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) {
			f.URIs = []string{"urn:thingward:device:01935d2a-8c00-7000-8000-000000000009"}
		}), Want: fleet.Fail},
		posturetest.Case{Name: "none", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.URIs = []string{} }), Want: fleet.Fail},
		posturetest.Case{Name: "not on record", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.URIs = nil }), Want: fleet.Unknown},
		posturetest.Case{Name: "of an account", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.Certificate.SubjectKind = "account" }), Want: fleet.NotApplicable},
		posturetest.Case{Name: "revoked", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.Certificate.State = fleet.CertificateRevoked }), Want: fleet.NotApplicable},
		posturetest.Case{Name: "ended", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.Certificate.NotAfter = posturetest.Now }), Want: fleet.NotApplicable},
	)
}
