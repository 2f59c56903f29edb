package tsp

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestNoSharedKey(t *testing.T) {
	posturetest.Check(t, NoSharedKey(),
		posturetest.Case{Name: "own", Facts: posturetest.Certificate(), Want: fleet.Pass},
		posturetest.Case{Name: "shared", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.SharedWith = []string{"0b"} }), Want: fleet.Fail, Reason: "0b"},
		posturetest.Case{Name: "revoked counts", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) {
			f.SharedWith, f.Certificate.State = []string{"0b"}, fleet.CertificateRevoked
		}), Want: fleet.Fail},
		posturetest.Case{Name: "no fingerprint", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.Certificate.KeyHash = "" }), Want: fleet.Unknown},
	)
}
