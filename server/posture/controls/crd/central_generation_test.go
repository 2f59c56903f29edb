package crd

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestCentralGeneration(t *testing.T) { posturetest.Gate(t, CentralGeneration()) }
