package opa

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestDayAway(t *testing.T) { posturetest.Gate(t, DayAway()) }
