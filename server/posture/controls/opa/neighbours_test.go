package opa

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestNeighbours(t *testing.T) { posturetest.Gate(t, Neighbours()) }
