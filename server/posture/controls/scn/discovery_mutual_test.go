package scn

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestDiscoveryMutual(t *testing.T) { posturetest.Gate(t, DiscoveryMutual()) }
