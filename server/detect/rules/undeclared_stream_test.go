package rules

import "testing"

func TestUndeclaredStream(t *testing.T) {
	b := open(t, UndeclaredStream())
	b.feed(2, "stream.undeclared", door, server, data{"topic": "things/x/telemetry/microphone", "client": "c"})
	if al := b.one("device", door.ID, "undeclared"); al.Count != 2 {
		t.Errorf("%+v", al)
	}
}
