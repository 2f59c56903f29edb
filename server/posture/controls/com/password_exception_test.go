package com

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestPasswordException(t *testing.T) { posturetest.Gate(t, PasswordException()) }
