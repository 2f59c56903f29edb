package tsp

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestLockOutSurvives(t *testing.T) { posturetest.Gate(t, LockOutSurvives()) }
