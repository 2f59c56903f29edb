package sdv

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestUntouchedJoin(t *testing.T) { posturetest.Gate(t, UntouchedJoin()) }
