package rmt

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestAccessEnds(t *testing.T) { posturetest.Gate(t, AccessEnds()) }
