package crd

import (
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestKeyAge(t *testing.T) {
	posturetest.Check(t, KeyAge(),
		posturetest.Case{Name: "young", Facts: posturetest.Certificate(), Want: fleet.Pass, Reason: "1 year"},
		posturetest.Case{Name: "warned", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.KeySince = posturetest.Now.AddDate(-2, 0, 0) }), Want: fleet.Pass, Reason: "warning"},
		posturetest.Case{Name: "old", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.KeySince = posturetest.Now.AddDate(-3, 0, 0) }), Want: fleet.Fail, Reason: "2023-11-17"},
		posturetest.Case{Name: "not on record", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.KeySince = time.Time{} }), Want: fleet.Unknown},
		posturetest.Case{Name: "future", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.KeySince = posturetest.Now.Add(time.Hour) }), Want: fleet.Unknown},
		posturetest.Case{Name: "revoked", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.Certificate.State = fleet.CertificateRevoked }), Want: fleet.NotApplicable},
	)
}
