package rmt

import "github.com/thingward/thingward/server/posture"

// AccessEnds is a gate of RMT-02: the probe access.expiry gives an account an end on a bench, and uses what it has before and
// after it.
func AccessEnds() posture.Gate {
	return posture.Gate{
		ID: "RMT-02/access-ends", Control: "RMT-02", Obligation: "access-ends",
		Title:  "An account with an end is cut off at it, and what it did is logged",
		Probes: []string{"access.expiry"}, Events: []string{"account.expiry-changed", "account.disabled"},
	}
}
