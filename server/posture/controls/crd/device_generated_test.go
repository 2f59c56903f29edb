package crd

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestDeviceGenerated(t *testing.T) {
	posturetest.Check(t, DeviceGenerated(),
		posturetest.Case{Name: "claim", Facts: posturetest.Certificate(), Want: fleet.Pass},
		posturetest.Case{Name: "server", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.Certificate.EnrolledBy = "setup" }), Want: fleet.NotApplicable},
		posturetest.Case{Name: "import", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.Certificate.EnrolledBy = "import" }), Want: fleet.Fail},
		posturetest.Case{Name: "not on record", Facts: posturetest.Certificate(func(f *posture.CertificateFacts) { f.Certificate.EnrolledBy = "" }), Want: fleet.Unknown},
	)
}
