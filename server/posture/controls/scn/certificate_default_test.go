package scn

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestCertificateDefault(t *testing.T) { posturetest.Gate(t, CertificateDefault()) }
