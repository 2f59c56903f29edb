package msu

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestCountSurvives(t *testing.T) { posturetest.Gate(t, CountSurvives()) }
