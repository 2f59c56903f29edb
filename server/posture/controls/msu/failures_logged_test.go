package msu

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestFailuresLogged(t *testing.T) { posturetest.Gate(t, FailuresLogged()) }
