package com

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestCoAPOverDTLS(t *testing.T) { posturetest.Gate(t, CoAPOverDTLS()) }
