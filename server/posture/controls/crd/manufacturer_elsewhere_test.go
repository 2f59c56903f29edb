package crd

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestManufacturerElsewhere(t *testing.T) { posturetest.Gate(t, ManufacturerElsewhere()) }
