package rules

import "testing"

func TestDuplicateIdentity(t *testing.T) {
	b := open(t, DuplicateIdentity())
	d := data{"client": "c", "device": door.ID, "first": data{"address": "192.0.2.1"}, "second": data{"address": "192.0.2.2"}}
	b.feed(1, "connection.opened", door, server, data{"protocol": "mqtt", "client": "c"})
	b.Want(0, "one place")
	b.feed(3, "identity.duplicate", door, server, d)
	if al := b.one("device", door.ID, "two places"); al.Count != 3 || al.Severity != "critical" {
		t.Errorf("%+v", al)
	}
}
