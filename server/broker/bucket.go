package broker

import (
	"sync/atomic"
	"time"

	"github.com/thingward/thingward/server/broker/packet"
)

// bucket is a client's token bucket for messages and bytes. Only the connection's reader uses it. It may go below zero by
// what one read brought; then reading waits, and TCP holds the sender back.
type bucket struct {
	rate     Rate
	messages float64
	bytes    float64
	filled   time.Time
	since    time.Time // held back without pause since then
	told     time.Time // client.throttled was reported
	taken    int       // messages since the common bucket was asked
	held     int       // times it was held back since then
}

const (
	byteBurst    = 10 // seconds' worth of bytes that may come at once
	tellThrottle = 10 * time.Second
)

func (b *bucket) fill(r Rate, now time.Time) {
	b.rate, b.messages, b.bytes, b.filled = r, float64(r.Burst), byteBurst*r.Bytes, now
}

// take uses up one message of n bytes.
func (b *bucket) take(n int) {
	b.messages--
	b.bytes -= float64(n)
	b.taken++
}

// wait is how long to read nothing until the bucket is no longer overdrawn.
func (b *bucket) wait(now time.Time) time.Duration {
	if gone := now.Sub(b.filled).Seconds(); gone > 0 {
		b.messages = min(b.messages+gone*b.rate.Messages, float64(b.rate.Burst))
		b.bytes = min(b.bytes+gone*b.rate.Bytes, byteBurst*b.rate.Bytes)
	}
	b.filled = now
	lack := max(-b.messages/b.rate.Messages, -b.bytes/b.rate.Bytes)
	if lack <= 0 {
		if b.messages > float64(b.rate.Burst)/2 {
			b.since = time.Time{} // it has eased off
		}
		return 0
	}
	if b.since.IsZero() {
		b.since = now
	}
	return time.Duration(lack * float64(time.Second))
}

// owed is how long to read nothing: until the bucket is no longer overdrawn, and until the common one is not.
func (b *bucket) owed(c *common, global float64, now time.Time) (own, all time.Duration) {
	all = c.wait(b.taken, global, now)
	b.taken = 0
	if b.messages < 0 || b.bytes < 0 {
		own = b.wait(now)
	}
	return own, all
}

// common is the token bucket that all clients share: the time up to which its messages are paid for.
type common struct {
	paid atomic.Int64 // Unix nanoseconds
}

// wait takes n messages at rate a second and returns how long to wait: all that is above a second's worth.
func (b *common) wait(n int, rate float64, now time.Time) time.Duration {
	cost, at := int64(float64(n)/rate*float64(time.Second)), now.UnixNano()
	for {
		old := b.paid.Load()
		next := max(old, at) + cost
		if b.paid.CompareAndSwap(old, next) {
			return max(time.Duration(next-at)-time.Second, 0)
		}
	}
}

// throttle waits while the client is over its rate, or all of them together are over theirs. A client that goes on for long
// is disconnected.
func (c *conn) throttle() error {
	wait, err := c.overdrawn()
	if wait > 0 {
		c.pause(wait)
	}
	return err
}

// overdrawn is how long nothing should be taken from the client.
func (c *conn) overdrawn() (time.Duration, error) {
	if c.bucket.taken == 0 {
		return 0, nil
	}
	now := c.s.Clock.Now()
	taken := c.bucket.taken
	own, all := c.bucket.owed(&c.s.common, c.s.Limits.Global, now)
	if own > 0 {
		if now.Sub(c.bucket.since) > c.s.Limits.Flood {
			return 0, &packet.Error{Packet: packet.TypePublish, Code: packet.MessageRateTooHigh, Clause: "MQTT5 section 4.9", Detail: "the client goes on above its message rate"}
		}
		c.tellThrottled(now, own, c.bucket.rate.Messages, "rate")
	}
	if c.habit != nil {
		usual, limit := c.habit.take(taken, now)
		if usual > own {
			c.tellThrottled(now, usual, limit, "baseline")
			own = usual
		}
	}
	return max(own, all), nil
}

// tellThrottled counts and, every ten seconds at most, reports a client that is held back.
func (c *conn) tellThrottled(now time.Time, wait time.Duration, limit float64, cause string) {
	c.bucket.held++
	c.s.count.throttled.Add(1)
	if now.Sub(c.bucket.told) < tellThrottle {
		return
	}
	c.s.publish("client.throttled", c.party, map[string]any{"limit": limit, "cause": cause, "count": c.bucket.held, "client": c.clientID, "waitMs": wait.Milliseconds()})
	c.bucket.told, c.bucket.held = now, 0
}

// pause reads nothing for a while. What the client says meanwhile waits in the network, so its silence is not held against it.
func (c *conn) pause(wait time.Duration) {
	c.held.Store(true)
	defer c.held.Store(false)
	select {
	case <-c.s.Clock.After(wait):
	case <-c.gone:
	}
	c.heard.Store(c.s.Clock.Now().UnixNano())
}
