package scn

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestNoUnprotectedRoute(t *testing.T) { posturetest.Gate(t, NoUnprotectedRoute()) }
