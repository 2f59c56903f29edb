package msu

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestScriptedMisuse(t *testing.T) { posturetest.Gate(t, ScriptedMisuse()) }
