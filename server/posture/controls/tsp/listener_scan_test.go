package tsp

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestListenerScan(t *testing.T) { posturetest.Gate(t, ListenerScan()) }
