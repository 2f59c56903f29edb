package phy

import "github.com/thingward/thingward/server/posture"

// AccessAlert is a gate of PHY-01: the probe rule.tamper lets a device report that its case was opened, on a detection engine
// with the rules in force, and looks for the alert.
func AccessAlert() posture.Gate {
	return posture.Gate{
		ID: "PHY-01/access-alert", Control: "PHY-01", Obligation: "access-alert",
		Title:  "Tamper, a forced door or an opened case raises an alert",
		Probes: []string{"rule.tamper"}, Events: []string{"device.event"},
	}
}
