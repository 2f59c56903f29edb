package sdv

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestUnknownType(t *testing.T) { posturetest.Gate(t, UnknownType()) }
