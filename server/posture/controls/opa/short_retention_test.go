package opa

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestShortRetention(t *testing.T) { posturetest.Gate(t, ShortRetention()) }
