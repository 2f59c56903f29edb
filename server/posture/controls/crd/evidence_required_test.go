package crd

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestEvidenceRequired(t *testing.T) { posturetest.Gate(t, EvidenceRequired()) }
