package scn

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestUnelevatedRefused(t *testing.T) { posturetest.Gate(t, UnelevatedRefused()) }
