package act

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestIdentifierFixed(t *testing.T) { posturetest.Gate(t, IdentifierFixed()) }
