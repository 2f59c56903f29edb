package broker

import (
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
	held     int       // times it was held back since then
}

const (
	byteBurst    = 10 // seconds' worth of bytes that may come at once
	tellThrottle = 10 * time.Second
)

func (b *bucket) fill(r Rate, now time.Time) {
	b.rate, b.messages, b.bytes, b.filled = r, r.Burst, byteBurst*r.Bytes, now
}

// take uses up one message of n bytes.
func (b *bucket) take(n int) {
	b.messages--
	b.bytes -= float64(n)
}

// wait is how long to read nothing until the bucket is no longer overdrawn.
func (b *bucket) wait(now time.Time) time.Duration {
	if gone := now.Sub(b.filled).Seconds(); gone > 0 {
		b.messages = min(b.messages+gone*b.rate.Messages, b.rate.Burst)
		b.bytes = min(b.bytes+gone*b.rate.Bytes, byteBurst*b.rate.Bytes)
	}
	b.filled = now
	lack := max(-b.messages/b.rate.Messages, -b.bytes/b.rate.Bytes)
	if lack <= 0 {
		if b.messages > b.rate.Burst/2 {
			b.since = time.Time{} // it has eased off
		}
		return 0
	}
	if b.since.IsZero() {
		b.since = now
	}
	return time.Duration(lack * float64(time.Second))
}

// throttle waits while the client is over its rate. A client that goes on for long is disconnected.
func (c *conn) throttle() error {
	if c.bucket.messages >= 0 && c.bucket.bytes >= 0 {
		return nil
	}
	now := c.s.Clock.Now()
	wait := c.bucket.wait(now)
	if wait == 0 {
		return nil
	}
	if now.Sub(c.bucket.since) > c.s.Limits.Flood {
		return &packet.Error{Packet: packet.TypePublish, Code: packet.MessageRateTooHigh, Clause: "MQTT5 section 4.9", Detail: "the client goes on above its message rate"}
	}
	c.bucket.held++
	c.s.count.throttled.Add(1)
	if now.Sub(c.bucket.told) >= tellThrottle {
		c.s.publish("client.throttled", c.party, map[string]any{"limit": c.bucket.rate.Messages, "count": c.bucket.held, "client": c.clientID, "waitMs": wait.Milliseconds()})
		c.bucket.told, c.bucket.held = now, 0
	}
	c.held.Store(true)
	defer c.held.Store(false)
	select {
	case <-c.s.Clock.After(wait):
	case <-c.gone:
	}
	c.heard.Store(c.s.Clock.Now().UnixNano()) // it may have spoken, we did not listen
	return nil
}
