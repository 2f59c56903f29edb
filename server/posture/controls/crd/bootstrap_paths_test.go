package crd

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestBootstrapPaths(t *testing.T) { posturetest.Gate(t, BootstrapPaths()) }
