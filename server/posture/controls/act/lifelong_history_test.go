package act

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestLifelongHistory(t *testing.T) { posturetest.Gate(t, LifelongHistory()) }
