package msu

import "github.com/thingward/thingward/server/posture"

// OfflineOrder is a gate of MSU-05: the probe event.offline-order has a device on a bench report the events of a day that it
// spent away, through broker and intake.
func OfflineOrder() posture.Gate {
	return posture.Gate{
		ID: "MSU-05/offline-order", Control: "MSU-05", Obligation: "offline-order",
		Title:  "Events recorded while a device was away arrive in their order",
		Probes: []string{"event.offline-order"}, Events: []string{"device.event"},
	}
}
