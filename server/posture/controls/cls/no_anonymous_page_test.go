package cls

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestNoAnonymousPage(t *testing.T) { posturetest.Gate(t, NoAnonymousPage()) }
