package scn

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestOperationsMapped(t *testing.T) { posturetest.Gate(t, OperationsMapped()) }
