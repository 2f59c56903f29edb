package msu

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestFifthFailure(t *testing.T) { posturetest.Gate(t, FifthFailure()) }
