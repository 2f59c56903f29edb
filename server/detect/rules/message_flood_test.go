package rules

import "testing"

func TestMessageFlood(t *testing.T) {
	b := open(t, MessageFlood())
	b.feed(1, "client.throttled", door, server, data{"limit": 100, "count": 37, "client": "c"})
	if al := b.one("device", door.ID, "held back"); al.Count != 37 {
		t.Errorf("%d", al.Count)
	}
}
