package sdv

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestSharedCredential(t *testing.T) {
	posturetest.Check(t, SharedCredential(),
		posturetest.Case{Name: "own", Facts: posturetest.Certificate(), Want: fleet.Pass},
		posturetest.Case{Name: "shared", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.SharedWith = []string{"0b"} }), Want: fleet.Fail, Reason: "0b"},
		posturetest.Case{Name: "account", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.Certificate.SubjectKind = "account" }), Want: fleet.NotApplicable},
		posturetest.Case{Name: "no fingerprint", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.Certificate.KeyHash = "" }), Want: fleet.Unknown},
	)
}
