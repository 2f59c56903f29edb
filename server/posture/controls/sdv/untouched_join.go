package sdv

import "github.com/thingward/thingward/server/posture"

// UntouchedJoin is a gate of SDV-06: the probe est.bootstrap announces a serial number on a bench and lets a device with the manufacturer's
// certificate enrol; it comes out active, of its type, with a certificate of its own.
func UntouchedJoin() posture.Gate {
	return posture.Gate{
		ID: "SDV-06/untouched-join", Control: "SDV-06", Obligation: "untouched-join",
		Title:  "A device with a manufacturer credential joins without anyone touching it",
		Probes: []string{"est.bootstrap"},
	}
}
