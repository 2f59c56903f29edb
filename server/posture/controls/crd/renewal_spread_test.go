package crd

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestRenewalSpread(t *testing.T) { posturetest.Gate(t, RenewalSpread()) }
