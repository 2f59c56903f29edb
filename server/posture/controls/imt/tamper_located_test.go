package imt

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestTamperLocated(t *testing.T) { posturetest.Gate(t, TamperLocated()) }
