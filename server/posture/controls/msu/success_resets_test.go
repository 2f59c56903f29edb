package msu

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestSuccessResets(t *testing.T) { posturetest.Gate(t, SuccessResets()) }
