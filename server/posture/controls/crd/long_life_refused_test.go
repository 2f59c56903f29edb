package crd

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestLongLifeRefused(t *testing.T) { posturetest.Gate(t, LongLifeRefused()) }
