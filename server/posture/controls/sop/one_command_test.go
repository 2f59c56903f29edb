package sop

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestOneCommand(t *testing.T) { posturetest.Gate(t, OneCommand()) }
