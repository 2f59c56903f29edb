package rules

import "testing"

func TestDeviceSilent(t *testing.T) {
	b := open(t, DeviceSilent())
	b.feed(1, "device.silent", server, door, data{"device": door.ID, "lastSeen": "2026-11-22T11:00:00Z", "limit": 60})
	if al := b.one("device", door.ID, "silent"); al.Cleared != nil {
		t.Errorf("%+v", al)
	}
	b.feed(1, "device.heard", door, server, data{"device": door.ID, "silentFor": 90})
	if al := b.one("device", door.ID, "heard"); al.Cleared == nil {
		t.Error("hearing it does not clear")
	}
	b.feed(1, "device.silent", server, server, data{"device": door.ID, "lastSeen": "2026-11-22T11:00:00Z", "limit": 60})
	if al := b.one("device", door.ID, "silent again"); al.Cleared != nil || al.Count != 2 {
		t.Errorf("%+v", al)
	}
}
