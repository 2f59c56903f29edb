package tsp

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestOwnException(t *testing.T) { posturetest.Gate(t, OwnException()) }
