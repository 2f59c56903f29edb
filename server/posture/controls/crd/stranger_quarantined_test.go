package crd

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestStrangerQuarantined(t *testing.T) { posturetest.Gate(t, StrangerQuarantined()) }
