package broker

import (
	"github.com/thingward/thingward/server/broker/packet"
	"github.com/thingward/thingward/server/broker/segment"
)

// QoS 2 delivers exactly once because both ends remember an exchange until it is through. What this end must remember is in the
// store before the packet goes out that relies on it: a published message with its packet identifier before PUBREC, its release
// before PUBCOMP; for subscribers the identifier before PUBLISH, the receipt before PUBREL. Sessions that end with their
// connection need no records. A session's saved position stays before all of its open exchanges, so that recovery finds them.

// taken is a QoS 2 message of a client whose identifier it has not released yet.
type taken struct {
	at     position // its record is there or later
	c      *conn    // that sent it last, and is answered
	stored bool
	ending *conn // that released it, which is being stored
}

var (
	pubrel  = [4]byte{byte(packet.TypePubrel)<<4 | 2, 2}
	pubrec  = [4]byte{byte(packet.TypePubrec) << 4, 2}
	pubcomp = [4]byte{byte(packet.TypePubcomp) << 4, 2}
)

// known reports whether a client's QoS 2 message came before. Its repetition is answered and not stored (MQTT-4.3.3-10).
func (ss *session) known(c *conn, id uint16) (known bool, err error) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	if ss.conn.Load() != c {
		return false, errLeft // taken over: the client says on its new connection how far it is
	}
	e, known := ss.taken[id]
	if !known {
		return false, nil
	}
	if e.c != c {
		e.c, e.ending = c, nil
		ss.taken[id] = e
		if err := c.count(); err != nil {
			return true, err
		}
	}
	if e.stored {
		c.send(pubrec[:], 2, id, false)
	}
	return true, nil
}

// keepID remembers a client's QoS 2 message, which is about to be stored. It is false when too many are not released, or when
// the session has gone on to another connection.
func (ss *session) keepID(c *conn, id uint16) bool {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	if ss.conn.Load() != c || len(ss.taken) >= 2*ss.s.Limits.Receive { // those of an earlier connection, and of this one
		return false
	}
	if ss.taken == nil {
		ss.taken = map[uint16]taken{}
	}
	ss.taken[id] = taken{at: ss.s.commit.ahead(), c: c}
	ss.touch()
	return true
}

// ahead is a position before anything that is submitted from now on.
func (k *commit) ahead() position { return position{seq: k.routed.Load() + 1} }

// onPubrel releases an identifier of the client's.
func (c *conn) onPubrel(f packet.Frame, w *work) error {
	if err := w.ack.Decode(f, c.version); err != nil {
		return err
	}
	id, ss := w.ack.PacketID, c.ss
	ss.mu.Lock()
	defer ss.mu.Unlock()
	e, known := ss.taken[id]
	switch {
	case ss.conn.Load() != c:
	case !known:
		return c.answer(packet.TypePubcomp, id, packet.PacketIdentifierNotFound)
	case !e.stored:
		return &packet.Error{Packet: packet.TypePubrel, Code: packet.ProtocolError, Clause: "MQTT5 section 4.3.3", Detail: "PUBREL came before PUBREC was sent"}
	case ss.expiry == 0:
		ss.release(id, e)
		return c.answer(packet.TypePubcomp, id, packet.Success)
	case e.ending == c: // PUBCOMP is on its way
	default:
		e.ending = c
		ss.taken[id] = e
		w.stored = segment.Append(w.stored, &segment.Record{Kind: segment.Released, Session: ss.nonce, PacketID: id})
		w.waiters = append(w.waiters, waiter{c: c, id: id, answer: packet.TypePubcomp})
	}
	return nil
}

// release forgets an identifier of the client's.
func (ss *session) release(id uint16, e taken) {
	delete(ss.taken, id)
	ss.touch()
	if e.c != nil {
		e.c.unacked.Add(-1)
	}
}

// onPubrec takes a subscriber's receipt.
func (c *conn) onPubrec(f packet.Frame, w *work) error {
	if err := w.ack.Decode(f, c.version); err != nil {
		return err
	}
	id, ss := w.ack.PacketID, c.ss
	ss.mu.Lock()
	defer ss.mu.Unlock()
	if ss.conn.Load() != c {
		return nil
	}
	e := ss.flight.find(id)
	switch {
	case e == nil && w.ack.Code.Failed(): // of an exchange before a restart, which the client ended
	case e == nil:
		return c.answer(packet.TypePubrel, id, packet.PacketIdentifierNotFound)
	case e.qos != 2:
		return &packet.Error{Packet: packet.TypePubrec, Code: packet.ProtocolError, Clause: "MQTT-4.3.2-1", Detail: "PUBREC answers a QoS 1 message"}
	case !e.sent || e.phase == recording: // an answer to an earlier connection: the message, or PUBREL, comes
	case w.ack.Code.Failed():
		ss.through(e)
	case e.phase == releasing:
		c.send(pubrel[:], 2, id, false)
	case ss.expiry == 0:
		e.phase = releasing
		c.send(pubrel[:], 2, id, false)
	default:
		e.phase = recording
		w.stored = segment.Append(w.stored, &segment.Record{Kind: segment.Received, Session: ss.nonce, PacketID: id})
		w.waiters = append(w.waiters, waiter{c: c, id: id, answer: packet.TypePubrel})
	}
	return nil
}

// onPubcomp ends an exchange with a subscriber. An unknown identifier is no fault: it may belong to before a restart.
func (c *conn) onPubcomp(f packet.Frame, w *work) error {
	if err := w.ack.Decode(f, c.version); err != nil {
		return err
	}
	ss := c.ss
	ss.mu.Lock()
	defer ss.mu.Unlock()
	if ss.conn.Load() != c {
		return nil
	}
	if e := ss.flight.find(w.ack.PacketID); e != nil && e.sent && e.phase == releasing {
		ss.through(e)
	}
	return nil
}

// through takes a message out of the flight and lets the next one go.
func (ss *session) through(e *sending) {
	ss.flight.finish(e)
	ss.touch()
	if ss.waiting() {
		ss.pumpLocked()
	}
	ss.freed()
}

// stored goes on with an exchange whose record is on disk.
func (ss *session) stored(from *conn, answer packet.Type, id uint16, f *fan) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	switch answer {
	case packet.TypePubrec:
		e, known := ss.taken[id]
		if !known || e.stored {
			return
		}
		e.stored = true
		ss.taken[id] = e
		if e.c != nil {
			e.c.send(pubrec[:], 2, id, false)
			f.mark(e.c)
		}
	case packet.TypePubcomp:
		if e, known := ss.taken[id]; known && e.ending == from {
			ss.release(id, e)
		}
		from.send(pubcomp[:], 2, id, false) // one that has ended takes nothing
		f.mark(from)
	case packet.TypePubrel:
		e, c := ss.flight.find(id), ss.conn.Load()
		switch {
		case e == nil || e.phase != recording:
		case e.sent && c != nil:
			e.phase = releasing
			c.send(pubrel[:], 2, id, false)
			f.mark(c)
		default: // its connection was lost meanwhile
			e.phase = releasing
			ss.flight.unsent++
			ss.pumpLocked()
		}
	default: // no other answer waits for a record
	}
}

// answer sends an acknowledgement; MQTT 3.1.1 knows no codes.
func (c *conn) answer(t packet.Type, id uint16, code packet.ReasonCode) error {
	if c.version < packet.V5 {
		code = packet.Success
	}
	b, err := (&packet.Ack{Type: t, PacketID: id, Code: code}).Append(nil, c.version)
	if err != nil {
		return err
	}
	c.send(b, 0, 0, false)
	return nil
}

// holding gathers messages for one subscriber whose exchanges are to be recorded before they are sent.
type holding struct {
	ids     []uint16
	records []byte
	shared  []given // those of groups among them
}

const holdMost = 64 << 10 // bytes of records that are stored in one go

// stored2 reports whether a message for the session needs a record before it is sent.
func (ss *session) stored2(qos byte) bool { return qos == 2 && ss.expiry > 0 }

// hold gives a message its identifier and has that recorded.
// topic is that of a retained message, or the filter of the group whose message it is.
func (ss *session) hold(to *holding, at position, topic string) {
	r := segment.Record{Kind: segment.Sent, Session: ss.nonce, Seq: at.seq, Off: at.off, Topic: []byte(topic)}
	if at.seq == 0 {
		at = ss.s.commit.ahead()
	} else {
		topic = ""
	}
	r.PacketID = ss.flight.hold(at, topic)
	to.ids = append(to.ids, r.PacketID)
	to.records = segment.Append(to.records, &r)
	ss.touch()
}

// record stores what is held and lets it go out. It is false when the service stops.
func (ss *session) record(held *holding) bool {
	done := make(chan struct{})
	ss.s.commit.submit(held.records, []waiter{{done: done}})
	select {
	case <-done:
	case <-ss.s.stopped:
		return false
	}
	ss.mu.Lock()
	dead := ss.dead
	for _, id := range held.ids {
		ss.flight.stored(id)
	}
	ss.mu.Unlock()
	if dead {
		restore(held.shared) // none of it was sent
	}
	for _, x := range held.shared {
		x.sub.team.touch()
	}
	held.ids, held.records, held.shared = held.ids[:0], held.records[:0], held.shared[:0]
	return true
}
