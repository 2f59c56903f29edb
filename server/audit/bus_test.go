package audit_test

import (
	"time"

	"github.com/thingward/thingward/fleet"
)

// refused is an event that is no state change.
func refused(n int, at time.Time) fleet.Event {
	return fleet.NewEvent("publish.refused", at, fleet.Party{Kind: "device", ID: "d", Address: "192.0.2.7"}, fleet.Server("broker"), map[string]any{"topic": "things/x/command", "reason": "outside the access list", "n": n})
}
