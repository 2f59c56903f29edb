package scn

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestRootOperations(t *testing.T) { posturetest.Gate(t, RootOperations()) }
