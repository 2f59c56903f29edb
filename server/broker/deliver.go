package broker

import (
	"time"

	"github.com/thingward/thingward/server/broker/packet"
	"github.com/thingward/thingward/server/broker/segment"
)

// take gives the session a stored message: sent at once when the client is there and keeps up, otherwise kept as a position.
// It returns the connection that has something to write.
func (ss *session) take(t *target, m *message) *conn {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	if ss.dead {
		return nil
	}
	c := ss.conn.Load()
	at := position{m.seq, m.off}
	if c == nil {
		if ss.expiry > 0 {
			ss.wait(at)
		}
		return nil
	}
	qos := min(m.QoS, t.qos)
	if ss.stored2(qos) { // its exchange is stored first, which the pump waits for
		ss.wait(at)
		if !ss.flight.full(c.window) {
			ss.pumpLocked()
		}
		return nil
	}
	if ss.waiting() || ss.flight.full(c.window) || !c.room() {
		ss.wait(at) // an acknowledgement, or room, sets the pump going
		return nil
	}
	if m.expired(m.at) || !ss.send(c, m, at, "", qos, t.asIs && m.Retain, t.ids, m.at) {
		return nil
	}
	return c
}

// send puts a message under way. It is false when there is nothing to write.
func (ss *session) send(c *conn, m *message, at position, topic string, qos byte, retain bool, ids []uint32, now time.Time) bool {
	b, idAt := m.encoded(c.version, qos, retain, false, ids, now)
	if c.tooLarge(b) {
		return false
	}
	c.countSent()
	if qos == 0 {
		return c.sendMessage(m, b, 0, 0, true)
	}
	if ss.flight.head == len(ss.flight.list) && at.seq > 0 {
		ss.touch()
	}
	return c.sendMessage(m, b, idAt, ss.flight.add(at, topic, qos), false)
}

// waiting reports that something has to go before a new message.
func (ss *session) waiting() bool {
	return ss.queue.n > 0 || len(ss.owed) > 0 || ss.flight.unsent > 0 || len(ss.given) > 0
}

// wait keeps the position of a message. The oldest gives way when too many wait.
func (ss *session) wait(at position) {
	if ss.queue.n == 0 {
		ss.touch()
	}
	if ss.queue.push(at) {
		ss.dropped++
		ss.touch()
	}
}

// touch has the position saved with the next ones.
func (ss *session) touch() {
	if ss.share != nil {
		ss.share.touch()
		return
	}
	if !ss.dirty && ss.expiry > 0 {
		ss.dirty = true
		ss.s.store.dirty.add(ss)
	}
}

// position is where the session stands: everything before it is acknowledged, both ways. Zero: nothing waits.
func (ss *session) position() position {
	at, ok := ss.flight.first()
	if ss.share != nil {
		at, ok = ss.share.oldest()
	}
	if ss.queue.n > 0 && (!ok || ss.queue.front().before(at)) {
		at, ok = ss.queue.front(), true
	}
	for _, e := range ss.taken {
		if !ok || e.at.before(at) {
			at, ok = e.at, true
		}
	}
	return at
}

// acknowledged takes the client's PUBACK. An unknown identifier is no fault: it may belong to before a restart.
func (ss *session) acknowledged(c *conn, id uint16) error {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	if ss.conn.Load() != c || !ss.flight.ack(id) {
		return nil
	}
	ss.touch()
	if ss.waiting() {
		ss.pumpLocked()
	}
	ss.freed()
	return nil
}

// startPump sends what waits, if that is not being done.
func (ss *session) startPump() {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	ss.pumpLocked()
	ss.freed()
}

func (ss *session) pumpLocked() {
	if !ss.pumping && ss.waiting() && ss.conn.Load() != nil {
		ss.pumping = true
		go ss.pump()
	}
}

const pumpMost = 128 // messages between looking at who else needs the session

// pump sends what waits until the window or the client's reading stops it; acknowledgements and room start it again.
func (ss *session) pump() {
	defer func() {
		if p := recover(); p != nil {
			ss.s.count.panics.Add(1)
			ss.s.Log.Error("panic while sending what waited", "session", ss.key, "panic", p)
			ss.mu.Lock()
			ss.pumping = false
			ss.mu.Unlock()
			if c := ss.conn.Load(); c != nil {
				c.end(packet.UnspecifiedError, "fault of the server")
			}
		}
	}()
	var m message
	var held holding
	for {
		c, need, more := ss.pumpSome(&m, &held)
		if c != nil {
			c.kick()
		}
		switch {
		case need > 0:
			ss.fetch(c, need)
		case len(held.ids) > 0 && (!more || len(held.records) > holdMost):
			if !ss.record(&held) {
				return
			}
		case !more:
			return
		}
	}
}

// fetch brings a segment into the cache. One that is stored no longer is remembered, so that its messages are given up.
func (ss *session) fetch(c *conn, seq uint64) {
	found, err := ss.s.load(seq)
	switch {
	case err != nil:
		ss.s.Log.Warn("stored messages not read, trying again", "sequence", seq, "error", err)
		select {
		case <-c.gone:
		case <-wall.After(storePause):
		}
	case !found:
		ss.mu.Lock()
		ss.gone = seq
		ss.mu.Unlock()
	}
}

// pumpSome sends some of what waits. need names a segment that must be read first; more is false when nothing can be sent
// now, and then the pump is off, unless messages are held that must be recorded first.
func (ss *session) pumpSome(m *message, held *holding) (c *conn, need uint64, more bool) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	now := ss.s.Clock.Now()
	for range pumpMost {
		c = ss.conn.Load()
		if c == nil || c.ended.Load() || !ss.waiting() || !c.room() {
			return c, 0, ss.rest(held)
		}
		if e := ss.flight.due(); e != nil {
			if e.phase == delivering && ss.flight.open >= c.window {
				return c, 0, ss.rest(held)
			}
			if need = ss.sendDue(c, e, m, now); need > 0 {
				return c, need, true
			}
			continue
		}
		if ss.flight.full(c.window) {
			return c, 0, ss.rest(held)
		}
		if len(ss.given) > 0 {
			ss.sendGiven(held)
		} else if len(ss.owed) > 0 {
			ss.sendOwed(c, m, held, now)
		} else if need = ss.sendNext(c, m, held, now); need > 0 {
			return c, need, true
		}
	}
	return c, 0, true
}

// rest switches the pump off, unless messages are held.
func (ss *session) rest(held *holding) (more bool) {
	if ss.pumping = len(held.ids) > 0; !ss.pumping {
		ss.freed()
	}
	return false
}

// sendDue sends what a message under way asks for: PUBREL, or the message, with its old packet identifier and with DUP if it
// may have been sent before (MQTT-3.3.1-1).
func (ss *session) sendDue(c *conn, e *sending, m *message, now time.Time) (need uint64) {
	if e.phase == releasing {
		ss.flight.sent(e)
		c.send(pubrel[:], 2, e.id, false)
		return 0
	}
	if e.topic != "" {
		if !ss.s.kept.get(e.topic, m) {
			ss.giveUp(e)
			return 0
		}
	} else if found, there := ss.read(e.at, m); !there {
		return e.at.seq
	} else if !found {
		ss.giveUp(e)
		ss.dropped++
		return 0
	}
	t, ok := ss.wants(m)
	if e.sub != nil {
		t, ok = target{asIs: e.sub.asIs, ids: e.sub.ids()}, c.acl.Load().maySubscribe(string(m.Topic)) // it is this client's alone now, subscribed or not
	}
	if !ok && (!e.dup || !c.acl.Load().maySubscribe(string(m.Topic))) { // what was begun is completed (MQTT-3.10.4-3)
		ss.giveUp(e)
		return 0
	}
	b, idAt := m.encoded(c.version, e.qos, e.topic != "" || (t.asIs && m.Retain), e.dup, t.ids, now)
	if c.tooLarge(b) || (!e.dup && m.expired(now)) {
		ss.giveUp(e)
		return 0
	}
	ss.flight.sent(e)
	c.countSent()
	c.sendMessage(m, b, idAt, e.id, false)
	return 0
}

// giveUp ends a message that cannot be sent again. A client that may hold the identifier of QoS 2 is told to let it go, or it
// would take the next message under it for a repetition.
func (ss *session) giveUp(e *sending) {
	if e.qos == 2 && e.dup {
		e.phase = releasing
		return
	}
	ss.touch()
	ss.flight.finish(e)
}

// sendOwed sends one retained message for a new subscription.
func (ss *session) sendOwed(c *conn, m *message, held *holding, now time.Time) {
	o := ss.owed[0]
	if ss.owed = ss.owed[1:]; len(ss.owed) == 0 {
		ss.owed = nil
	}
	if !o.sub.open || ss.subs[o.sub.filter] != o.sub || !ss.may(o.topic) || !ss.s.kept.get(o.topic, m) || m.expired(now) {
		return
	}
	var ids []uint32
	if o.sub.id != 0 {
		ids = []uint32{o.sub.id}
	}
	qos := min(m.QoS, o.sub.qos)
	if ss.stored2(qos) {
		ss.hold(held, position{}, o.topic)
		return
	}
	ss.send(c, m, position{}, o.topic, qos, true, ids, now)
}

// sendNext sends the oldest message that waits.
func (ss *session) sendNext(c *conn, m *message, held *holding, now time.Time) (need uint64) {
	at := ss.queue.front()
	found, there := ss.read(at, m)
	if !there {
		return at.seq
	}
	ss.queue.pop()
	ss.touch()
	if !found {
		ss.dropped++
		return 0
	}
	t, ok := ss.wants(m)
	if !ok || m.expired(now) {
		return 0
	}
	qos := min(m.QoS, t.qos)
	if ss.stored2(qos) {
		ss.hold(held, at, "")
		return 0
	}
	ss.send(c, m, at, "", qos, t.asIs && m.Retain, t.ids, now)
	return 0
}

// read looks a stored message up. there is false when its segment must be fetched first; found is false when it is gone.
func (ss *session) read(at position, m *message) (found, there bool) {
	if at.seq == ss.gone {
		return false, true
	}
	seg := ss.s.cache.get(at.seq)
	if seg == nil {
		return false, false
	}
	var r segment.Record
	if _, err := segment.At(seg, int(at.off), &r); err != nil {
		ss.s.Log.Error("stored message not readable", "sequence", at.seq, "offset", at.off, "error", err)
		return false, true
	}
	m.set(&r, at.seq, at.off, segment.Time(seg))
	return true, true
}

// wants gathers what the session's subscriptions ask for of a message, as they are now.
func (ss *session) wants(m *message) (t target, ok bool) {
	topic := string(m.Topic)
	for _, sub := range ss.subs {
		if sub.covers(topic) {
			t.include(sub)
			ok = true
		}
	}
	return t, ok && ss.may(topic)
}
