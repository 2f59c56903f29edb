package act

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestIdentifierRefused(t *testing.T) { posturetest.Gate(t, IdentifierRefused()) }
