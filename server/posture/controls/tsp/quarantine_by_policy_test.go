package tsp

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestQuarantineByPolicy(t *testing.T) { posturetest.Gate(t, QuarantineByPolicy()) }
