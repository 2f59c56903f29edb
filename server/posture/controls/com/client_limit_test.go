package com

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestClientLimit(t *testing.T) { posturetest.Gate(t, ClientLimit()) }
