package scn

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestAppendOnly(t *testing.T) { posturetest.Gate(t, AppendOnly()) }
