package act

import (
	"github.com/thingward/thingward/server/posture"
)

// LifelongHistory is a gate of ACT-05: the probe audit.history-by-id takes one device and asks the log for entries
// about its identifier alone; its creation must be among them.
func LifelongHistory() posture.Gate {
	return posture.Gate{
		ID: "ACT-05/lifelong-history", Control: "ACT-05", Obligation: "lifelong-history",
		Title:  "The history of a device can be read by its identifier",
		Probes: []string{"audit.history-by-id"},
	}
}
