package com

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestPlainCoAP(t *testing.T) { posturetest.Gate(t, PlainCoAP()) }
