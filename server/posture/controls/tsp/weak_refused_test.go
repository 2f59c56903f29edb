package tsp

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestWeakRefused(t *testing.T) { posturetest.Gate(t, WeakRefused()) }
