package msu

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestOfflineOrder(t *testing.T) { posturetest.Gate(t, OfflineOrder()) }
