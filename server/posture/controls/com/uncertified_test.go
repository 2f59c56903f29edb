package com

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestUncertified(t *testing.T) { posturetest.Gate(t, Uncertified()) }
