package scn

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestRolesPresent(t *testing.T) { posturetest.Gate(t, RolesPresent()) }
