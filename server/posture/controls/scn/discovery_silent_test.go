package scn

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestDiscoverySilent(t *testing.T) { posturetest.Gate(t, DiscoverySilent()) }
