package cls

import (
	"github.com/thingward/thingward/server/posture"
)

// SuccessKeepsCount is a gate of CLS-08: the probe rule.cls08-success-keeps runs the rule in force over six failures
// with a success between; they must still raise the alert.
func SuccessKeepsCount() posture.Gate {
	return posture.Gate{
		ID: "CLS-08/success-keeps-count", Control: "CLS-08", Obligation: "success-keeps-count",
		Title:  "A success between failures does not reset the count",
		Probes: []string{"rule.cls08-success-keeps"},
	}
}
