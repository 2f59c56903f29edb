package com

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestPublishRefused(t *testing.T) { posturetest.Gate(t, PublishRefused()) }
