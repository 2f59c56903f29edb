package cls

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestSuccessKeepsCount(t *testing.T) { posturetest.Gate(t, SuccessKeepsCount()) }
