package cls

import (
	"github.com/thingward/thingward/server/posture"
)

// DocumentedListeners is a gate of CLS-02: the probe sockets.documented lists every socket on which this process
// listens, as the kernel sees it, and compares it with the documented listeners, in both directions.
func DocumentedListeners() posture.Gate {
	return posture.Gate{
		ID: "CLS-02/documented-listeners", Control: "CLS-02", Obligation: "documented-listeners",
		Title:    "The ports found open are the documented ones",
		Probes:   []string{"sockets.documented"},
		Settings: []string{"allow_remote_ops"},
	}
}
