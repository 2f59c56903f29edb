package snt

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestNoPlaintextListener(t *testing.T) { posturetest.Gate(t, NoPlaintextListener()) }
