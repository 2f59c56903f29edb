package crd

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestPlainRegistration(t *testing.T) { posturetest.Gate(t, PlainRegistration()) }
