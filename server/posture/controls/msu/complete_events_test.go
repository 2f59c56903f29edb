package msu

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestCompleteEvents(t *testing.T) { posturetest.Gate(t, CompleteEvents()) }
