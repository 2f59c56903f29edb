package rules

import (
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
)

func refused(reason string) data { return data{"protocol": "mqtt", "reason": reason} }

func TestDeviceFailures(t *testing.T) {
	b := open(t, DeviceFailures())
	b.feed(3, "connection.refused", door, server, refused("revoked"))
	b.feed(1, "connection.opened", door, server, data{"protocol": "mqtt", "client": "c"})
	b.feed(2, "enrol.refused", door, server, data{"surface": "est", "reason": "the key was used before", "code": "forbidden"})
	b.Want(0, "five with a success between")
	b.Restart()
	b.feed(1, "connection.refused", door, server, refused("revoked"))
	b.one("device", door.ID, "the sixth")
	if n := b.Recorded("alert.raised"); n != 1 {
		t.Errorf("%d entries", n)
	}

	b = open(t, DeviceFailures())
	for range 6 {
		b.feed(1, "connection.refused", door, server, refused("revoked"))
		b.Clock.Advance(31*time.Minute/5 - time.Second)
	}
	b.Want(0, "six over 31 minutes")
}

func TestDeviceFailuresSubject(t *testing.T) {
	b := open(t, DeviceFailures())
	for _, reason := range notFailures {
		b.feed(6, "connection.refused", from, server, refused(reason))
	}
	b.feed(6, "enrol.refused", from, server, data{"surface": "est", "reason": "try again", "code": "unavailable"})
	b.Want(0, "refusals that are no failed authentication")
	b.feed(6, "connection.refused", from, server, refused("no-certificate"))
	b.one("address", "192.0.2.1", "without a certificate")

	b = open(t, DeviceFailures())
	b.feed(1, "connection.refused", from, server, data{"protocol": "mqtt", "reason": "unknown-certificate", "serial": "0a1b"})
	b.feed(1, "connection.refused", fleet.Anonymous("192.0.2.9"), server, data{"protocol": "mqtt", "reason": "unknown-certificate", "serial": "0a1b", "count": 5})
	b.one("certificate", "0a1b", "one certificate from two addresses")
}
