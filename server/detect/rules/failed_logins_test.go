package rules

import (
	"testing"
	"time"
)

func wrong(account string) data {
	return data{"surface": "console", "account": account, "reason": "wrong password", "name": "0123456789ab"}
}

func TestFailedLogins(t *testing.T) {
	b := open(t, FailedLogins())
	b.feed(4, "login.failed", from, server, wrong("anna"))
	b.Want(0, "four")
	b.Restart()
	b.feed(1, "login.failed", from, server, wrong("anna"))
	b.one("account", "anna", "the fifth")

	b = open(t, FailedLogins())
	b.feed(4, "login.failed", from, server, wrong("anna"))
	b.feed(1, "session.opened", admin, server, data{"method": "password", "session": "s", "account": "anna"})
	b.feed(4, "login.failed", from, server, wrong("anna"))
	b.Want(0, "four, a success, four")
	b.feed(1, "session.opened", admin, server, data{"method": "password", "session": "s", "account": "karl"})
	b.feed(1, "login.failed", from, server, wrong("anna"))
	b.one("account", "anna", "somebody else's success ends nothing")

	b = open(t, FailedLogins())
	for range 5 {
		b.feed(1, "login.failed", from, server, wrong("anna"))
		b.Clock.Advance(31*time.Minute/4 - time.Second)
	}
	b.Want(0, "five over 31 minutes")

	b.feed(20, "login.failed", from, server, data{"surface": "api", "account": "unknown", "reason": "unknown session or token"})
	b.Want(0, "tokens name no account")
	b.feed(5, "login.failed", from, server, wrong("unknown"))
	b.one("account", "unknown/0123456789ab", "a name that no account has")
}
