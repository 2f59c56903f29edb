package crd

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestForwardSecrecy(t *testing.T) { posturetest.Gate(t, ForwardSecrecy()) }
