package act

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestNameRefused(t *testing.T) { posturetest.Gate(t, NameRefused()) }
