package rules

import "testing"

func TestOversizeMessages(t *testing.T) {
	b := open(t, OversizeMessages())
	b.feed(2, "message.too-large", door, server, data{"size": 300_000, "limit": 262_144})
	b.Want(0, "two")
	b.feed(1, "message.too-large", door, server, data{"size": 300_000, "limit": 262_144})
	b.one("device", door.ID, "three")
}
