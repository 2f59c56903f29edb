package gvn

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestAutomaticDisabling(t *testing.T) { posturetest.Gate(t, AutomaticDisabling()) }
