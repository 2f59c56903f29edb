package crd

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestKeyRole(t *testing.T) { posturetest.Gate(t, KeyRole()) }
