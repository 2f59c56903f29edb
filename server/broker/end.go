package broker

import (
	"github.com/thingward/thingward/server/broker/packet"
)

// end closes a connection from any goroutine, telling an MQTT 5.0 client why. From now on nothing more is taken from it or
// sent to it. Success closes without a word.
func (c *conn) end(code packet.ReasonCode, cause string) {
	if !c.stop(&cause) {
		return
	}
	var last []byte
	if c.version >= packet.V5 && code != packet.Success && c.live.Load() {
		d := packet.Disconnect{Code: code}
		if word := plain(code, cause); word != "" && !c.terse && (c.largest == 0 || len(word)+16 < c.largest) {
			_ = d.Properties.SetText(packet.PropReasonString, word) // left out if it cannot be sent
		}
		last, _ = d.Append(nil, c.version) // nothing is said then
	}
	c.finishOutput(last, !code.Failed())
}

// stop marks a connection as ended. The cause comes first, because the reader looks for it as soon as it sees the mark. It is
// false when somebody else was first.
func (c *conn) stop(cause *string) bool {
	if !c.cause.CompareAndSwap(nil, cause) {
		return false
	}
	c.ended.Store(true)
	close(c.gone)
	return true
}

// finish puts a connection away when its reader is done.
func (c *conn) finish() {
	c.end(packet.Success, "connection lost")
	c.in.shrink()
	c.s.leaveSession(c)
	c.s.forget(c)
	c.s.publish("connection.closed", c.party, map[string]any{
		"protocol": c.protocol(), "client": c.clientID, "reason": *c.cause.Load(), "transport": c.transport,
		"seconds": int64(c.s.Clock.Now().Sub(c.since).Seconds()), "in": c.received.Load(), "out": c.sent.Load(),
	})
}

// onDisconnect is the client's goodbye: no will, unless it asks for it, and perhaps another session expiry.
func (c *conn) onDisconnect(f packet.Frame) error {
	var d packet.Disconnect
	if err := d.Decode(f, c.version); err != nil {
		return err
	}
	if err := d.CheckFromClient(); err != nil {
		return err
	}
	if seconds, ok := d.Properties.Uint(packet.PropSessionExpiry); ok {
		if err := c.s.changeExpiry(c, seconds); err != nil {
			return err
		}
	}
	c.clean = d.Code == packet.NormalDisconnection
	c.end(packet.Success, "client disconnected: "+d.Code.String())
	return errLeft
}
