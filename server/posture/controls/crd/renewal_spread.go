package crd

import "github.com/thingward/thingward/server/posture"

// RenewalSpread is a gate of CRD-10: the probe renewal.spread asks the rule by which agents renew for the times of a fleet whose
// certificates were issued at once.
func RenewalSpread() posture.Gate {
	return posture.Gate{
		ID: "CRD-10/renewal-spread", Control: "CRD-10", Obligation: "renew-early",
		Title:  "A fleet enrolled at once renews well before the end and not at once",
		Probes: []string{"renewal.spread"}, Events: []string{"certificate.renewed"},
	}
}
