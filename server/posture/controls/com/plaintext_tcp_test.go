package com

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestPlaintextTCP(t *testing.T) { posturetest.Gate(t, PlaintextTCP()) }
