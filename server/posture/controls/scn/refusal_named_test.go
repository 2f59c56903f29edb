package scn

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestRefusalNamed(t *testing.T) { posturetest.Gate(t, RefusalNamed()) }
