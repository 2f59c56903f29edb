package scn

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestReadLimited(t *testing.T) { posturetest.Gate(t, ReadLimited()) }
