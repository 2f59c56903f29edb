package com

import (
	"github.com/thingward/thingward/server/posture"
)

// RatesShown is a gate of COM-04: the probe broker.rates-shown reads what the broker shows: the present rates and both
// limits must be there.
func RatesShown() posture.Gate {
	return posture.Gate{
		ID: "COM-04/rates-shown", Control: "COM-04", Obligation: "rates-shown",
		Title:  "Measured rates are shown beside their limits",
		Probes: []string{"broker.rates-shown"},
	}
}
