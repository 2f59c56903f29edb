package act

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestFindable(t *testing.T) { posturetest.Gate(t, Findable()) }
