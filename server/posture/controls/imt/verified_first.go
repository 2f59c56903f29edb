package imt

import (
	"github.com/thingward/thingward/server/posture"
)

// VerifiedFirst is a gate of IMT-01: the probe audit.verified-first reads entries as the reader's view does, from a
// copy with one altered byte; the view must refuse to show it.
func VerifiedFirst() posture.Gate {
	return posture.Gate{
		ID: "IMT-01/verified-first", Control: "IMT-01", Obligation: "verified-first",
		Title:  "Entries are verified before they are shown",
		Probes: []string{"audit.verified-first"},
	}
}
