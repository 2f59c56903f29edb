package sdv

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestFIPSMode(t *testing.T) { posturetest.Gate(t, FIPSMode()) }
