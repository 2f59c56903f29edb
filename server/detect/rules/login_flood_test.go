package rules

import "testing"

func TestLoginFlood(t *testing.T) {
	b := open(t, LoginFlood())
	b.feed(40, "login.failed", from, server, wrong("unknown"))
	b.Want(0, "forty")
	b.feed(1, "login.failed", from, server, data{"surface": "api", "account": "unknown", "reason": "more failures than were reported one by one", "unreported": 9})
	b.one("address", "192.0.2.1", "ten at once")
}
