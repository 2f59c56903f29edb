package scn

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestWriteElevated(t *testing.T) { posturetest.Gate(t, WriteElevated()) }
