package rules

import "testing"

func TestEventsLost(t *testing.T) {
	b := open(t, EventsLost())
	b.feed(1, "events.shed", server, server, data{"count": 12})
	if al := b.one("server", server.ID, "lost"); al.Count != 12 {
		t.Errorf("%+v", al)
	}
}
