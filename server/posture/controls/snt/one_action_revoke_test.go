package snt

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestOneActionRevoke(t *testing.T) { posturetest.Gate(t, OneActionRevoke()) }
