package com

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestPlaintextPassword(t *testing.T) { posturetest.Gate(t, PlaintextPassword()) }
