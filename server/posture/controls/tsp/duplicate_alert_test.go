package tsp

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestDuplicateAlert(t *testing.T) { posturetest.Gate(t, DuplicateAlert()) }
