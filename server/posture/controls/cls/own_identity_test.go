package cls

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestOwnIdentity(t *testing.T) { posturetest.Gate(t, OwnIdentity()) }
