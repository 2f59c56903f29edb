package dat

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestUndeclaredStream(t *testing.T) { posturetest.Gate(t, UndeclaredStream()) }
