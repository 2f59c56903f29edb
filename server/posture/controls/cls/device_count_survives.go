package cls

import (
	"github.com/thingward/thingward/server/posture"
)

// DeviceCountSurvives is a gate of CLS-08: the probe rule.cls08-restart runs the rule in force over three failures,
// drops its memory as a restart does, and goes on with three more; they must raise the alert.
func DeviceCountSurvives() posture.Gate {
	return posture.Gate{
		ID: "CLS-08/device-count-survives", Control: "CLS-08", Obligation: "device-count-survives",
		Title:  "The count of failures holds across a restart",
		Probes: []string{"rule.cls08-restart"},
	}
}
