package tsp

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestOneSource(t *testing.T) { posturetest.Gate(t, OneSource()) }
