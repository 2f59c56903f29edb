package com

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestSubscribeRefused(t *testing.T) { posturetest.Gate(t, SubscribeRefused()) }
