package com

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestGlobalLimit(t *testing.T) { posturetest.Gate(t, GlobalLimit()) }
