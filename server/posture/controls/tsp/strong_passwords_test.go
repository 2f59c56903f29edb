package tsp

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestStrongPasswords(t *testing.T) { posturetest.Gate(t, StrongPasswords()) }
