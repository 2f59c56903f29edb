package rules

import "testing"

func TestACLBurst(t *testing.T) {
	b := open(t, ACLBurst())
	b.feed(5, "publish.refused", door, server, data{"topic": "things/x/event", "reason": "foreign"})
	b.feed(4, "subscribe.refused", door, server, data{"filter": "#", "reason": "foreign"})
	b.Want(0, "nine")
	b.feed(1, "publish.refused", door, server, data{"topic": "things/x/event", "reason": "foreign"})
	b.one("device", door.ID, "ten")
}

func TestACLBurstCountsWhatIsReportedTogether(t *testing.T) {
	b := open(t, ACLBurst())
	b.feed(1, "publish.refused", door, server, data{"topic": "t", "reason": "foreign", "count": 40})
	b.one("device", door.ID, "forty in one event")
}
