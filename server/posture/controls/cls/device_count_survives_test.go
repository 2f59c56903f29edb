package cls

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestDeviceCountSurvives(t *testing.T) { posturetest.Gate(t, DeviceCountSurvives()) }
