package tsp

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestAllowedKind(t *testing.T) { posturetest.Gate(t, AllowedKind()) }
