package tsp

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestClausesMeasured(t *testing.T) { posturetest.Gate(t, ClausesMeasured()) }
