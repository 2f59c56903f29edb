package msu

import (
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestWithinADay(t *testing.T) {
	posturetest.Check(t, WithinADay(),
		posturetest.Case{Name: "authorised", Facts: posturetest.Certificate(), Want: fleet.NotApplicable},
		posturetest.Case{Name: "revoked in time", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) {
			at := posturetest.Now.Add(-time.Hour)
			f.HolderEnded, f.Certificate.Revoked = at, &at
		}), Want: fleet.Pass},
		posturetest.Case{Name: "running", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.HolderEnded = posturetest.Now.Add(-time.Hour) }), Want: fleet.Unknown, Reason: "day is not over", Until: posturetest.Now.Add(23 * time.Hour)},
		posturetest.Case{Name: "too long", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.HolderEnded = posturetest.Now.Add(-25 * time.Hour) }), Want: fleet.Fail},
		posturetest.Case{Name: "revoked too late", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) {
			at := posturetest.Now
			f.HolderEnded, f.Certificate.Revoked = at.Add(-25*time.Hour), &at
		}), Want: fleet.Fail},
	)
}
