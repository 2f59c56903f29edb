package scn

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestAuditorOnly(t *testing.T) { posturetest.Gate(t, AuditorOnly()) }
