package com

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestAliasResolved(t *testing.T) { posturetest.Gate(t, AliasResolved()) }
