package opa

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestThrottled(t *testing.T) { posturetest.Gate(t, Throttled()) }
