package tsp

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestSingleHolder(t *testing.T) { posturetest.Gate(t, SingleHolder()) }
