package crd

import (
	"github.com/thingward/thingward/server/posture"
)

// LongLifeRefused is a gate of CRD-09: the probe ca.long-life asks the authority to issue for longer than 3 years; it
// must be refused.
func LongLifeRefused() posture.Gate {
	return posture.Gate{
		ID: "CRD-09/long-life-refused", Control: "CRD-09", Obligation: "three-year-limit",
		Title:  "A certificate for more than 3 years is refused",
		Probes: []string{"ca.long-life"},
	}
}
