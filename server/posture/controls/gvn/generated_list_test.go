package gvn

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestGeneratedList(t *testing.T) { posturetest.Gate(t, GeneratedList()) }
