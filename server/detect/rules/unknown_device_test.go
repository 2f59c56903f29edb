package rules

import "testing"

func TestUnknownDevice(t *testing.T) {
	b := open(t, UnknownDevice())
	b.feed(1, "device.quarantined", admin, door, data{"device": door.ID, "before": "active", "reason": "examined"})
	b.Want(0, "a known device")
	b.feed(1, "device.quarantined", door, door, data{"device": door.ID, "before": "", "reason": "its serial number is on no manufacturer's list", "serial": "S1"})
	b.one("device", door.ID, "an unknown device")
	b.feed(1, "device.released", admin, door, data{"device": door.ID, "before": "quarantined"})
	if al := b.one("device", door.ID, "released"); al.Cleared == nil {
		t.Error("release does not clear")
	}
}
