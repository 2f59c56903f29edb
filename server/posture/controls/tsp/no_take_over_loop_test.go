package tsp

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestNoTakeOverLoop(t *testing.T) { posturetest.Gate(t, NoTakeOverLoop()) }
