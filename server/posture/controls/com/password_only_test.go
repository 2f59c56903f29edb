package com

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestPasswordOnly(t *testing.T) { posturetest.Gate(t, PasswordOnly()) }
