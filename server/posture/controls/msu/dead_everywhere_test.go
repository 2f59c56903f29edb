package msu

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestDeadEverywhere(t *testing.T) {
	posturetest.Check(t, DeadEverywhere(),
		posturetest.Case{Name: "authorised", Facts: posturetest.Certificate(), Want: fleet.NotApplicable},
		posturetest.Case{Name: "revoked", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) {
			f.HolderEnded, f.Certificate.State = posturetest.Now, fleet.CertificateRevoked
		}), Want: fleet.Pass},
		posturetest.Case{Name: "alive", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.HolderEnded = posturetest.Now }), Want: fleet.Fail, Reason: "not revoked"},
		posturetest.Case{Name: "ended", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) {
			f.HolderEnded, f.Certificate.NotAfter = posturetest.Now, posturetest.Now
		}), Want: fleet.NotApplicable},
	)
}
