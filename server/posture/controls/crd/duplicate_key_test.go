package crd

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestDuplicateKey(t *testing.T) { posturetest.Gate(t, DuplicateKey()) }
