package gvn

import "github.com/thingward/thingward/server/posture"

// GeneratedList is a gate of GVN-04: the probe review.every-account opens a review on a bench, makes an account meanwhile, and finds each
// account on the list, and the review not to be closed before every one is decided.
func GeneratedList() posture.Gate {
	return posture.Gate{
		ID: "GVN-04/generated-list", Control: "GVN-04", Obligation: "generated-list",
		Title:  "An access review lists every account there is",
		Probes: []string{"review.every-account"},
	}
}
