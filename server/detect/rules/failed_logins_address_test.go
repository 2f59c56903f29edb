package rules

import (
	"fmt"
	"testing"

	"github.com/thingward/thingward/fleet"
)

func TestFailedLoginsAddress(t *testing.T) {
	b := open(t, FailedLoginsAddress())
	b.feed(30, "login.failed", from, server, wrong("anna"))
	b.Want(0, "one account, many times")
	for i := range 3 {
		b.feed(1, "login.failed", from, server, wrong(fmt.Sprint("user-", i)))
	}
	b.feed(1, "login.failed", fleet.Anonymous("192.0.2.2"), server, wrong("user-9"))
	b.Want(0, "four accounts, and a fifth from elsewhere")
	b.feed(1, "login.failed", from, server, wrong("user-4"))
	if al := b.one("address", "192.0.2.1", "five accounts"); al.Count != 34 {
		t.Errorf("%d", al.Count)
	}
}
