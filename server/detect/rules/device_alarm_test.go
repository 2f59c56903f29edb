package rules

import (
	"testing"

	"github.com/thingward/thingward/fleet"
)

func TestDeviceAlarm(t *testing.T) {
	b := open(t, DeviceAlarm())
	b.feed(1, "device.event", door, server, data{"name": "unlocked"})
	b.Want(0, "an event that its type calls harmless")
	ev := b.Event("device.event", door, server, data{"name": "tamper"})
	ev.Severity = fleet.Critical
	b.Feed(ev)
	b.one("device", door.ID, "tamper")
}
