package crd

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestRevocationRole(t *testing.T) { posturetest.Gate(t, RevocationRole()) }
