package dat

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestUndeclaredSource(t *testing.T) { posturetest.Gate(t, UndeclaredSource()) }
