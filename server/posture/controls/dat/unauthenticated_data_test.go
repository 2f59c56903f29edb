package dat

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestUnauthenticatedData(t *testing.T) { posturetest.Gate(t, UnauthenticatedData()) }
