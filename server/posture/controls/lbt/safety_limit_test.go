package lbt

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestSafetyLimit(t *testing.T) { posturetest.Gate(t, SafetyLimit()) }
