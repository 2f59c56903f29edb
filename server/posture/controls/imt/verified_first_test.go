package imt

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestVerifiedFirst(t *testing.T) { posturetest.Gate(t, VerifiedFirst()) }
