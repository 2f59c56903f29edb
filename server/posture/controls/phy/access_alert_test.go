package phy

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestAccessAlert(t *testing.T) { posturetest.Gate(t, AccessAlert()) }
