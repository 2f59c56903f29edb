package imt

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestMembersOnly(t *testing.T) { posturetest.Gate(t, MembersOnly()) }
