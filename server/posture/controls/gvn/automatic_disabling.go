package gvn

import "github.com/thingward/thingward/server/posture"

// AutomaticDisabling is a gate of GVN-04: the probe review.rejected-disabled rejects an account on a bench and finds it disabled and its session
// dead; access.expiry lets one pass its end.
func AutomaticDisabling() posture.Gate {
	return posture.Gate{
		ID: "GVN-04/automatic-disabling", Control: "GVN-04", Obligation: "automatic-disabling",
		Title:  "An account that is rejected or has expired is disabled by itself",
		Probes: []string{"review.rejected-disabled", "access.expiry"},
	}
}
