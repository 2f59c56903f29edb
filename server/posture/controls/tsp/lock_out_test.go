package tsp

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestLockOut(t *testing.T) { posturetest.Gate(t, LockOut()) }
