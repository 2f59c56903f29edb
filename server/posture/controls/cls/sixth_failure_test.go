package cls

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestSixthFailure(t *testing.T) { posturetest.Gate(t, SixthFailure()) }
