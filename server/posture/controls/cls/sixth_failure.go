package cls

import (
	"github.com/thingward/thingward/server/posture"
)

// SixthFailure is a gate of CLS-08: the probe rule.cls08-sixth runs the rule in force over five and six failures of one
// device inside 30 minutes, on a clock of its own: no alert, then one.
func SixthFailure() posture.Gate {
	return posture.Gate{
		ID: "CLS-08/sixth-failure", Control: "CLS-08", Obligation: "sixth-alerts",
		Title:  "Five failures of a device raise nothing, the sixth raises one alert",
		Probes: []string{"rule.cls08-sixth"},
		Events: []string{"connection.refused", "alert.raised"},
	}
}
