package com

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestCapRequired(t *testing.T) { posturetest.Gate(t, CapRequired()) }
