package com

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestOversize(t *testing.T) { posturetest.Gate(t, Oversize()) }
