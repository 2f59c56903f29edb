package com

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestHostHardening(t *testing.T) { posturetest.Gate(t, HostHardening()) }
