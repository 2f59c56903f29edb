package broker

import "sort"

// position is where a record is stored. The zero position means "caught up".
type position struct {
	seq uint64
	off uint32
}

func (p position) before(q position) bool {
	return p.seq < q.seq || (p.seq == q.seq && p.off < q.off)
}

// phase is how far a message under way has come. QoS 1 knows the first only.
type phase byte

const (
	delivering phase = iota // PUBLISH goes out; PUBACK or PUBREC ends it
	recording               // PUBREC came and is being stored
	releasing               // PUBREL goes out; PUBCOMP ends it
)

// sending is a QoS 1 or 2 message on its way to a client. topic is set for a retained message, whose position says only where
// its exchange is recorded.
type sending struct {
	at       position
	topic    string
	id       uint16
	qos      byte
	phase    phase
	held     bool // its record is being stored; nothing is sent before
	dup      bool // may have been sent on an earlier connection
	sent     bool // what its phase asks for was sent on this connection
	done     bool
	sub      *subscription // the shared one it came by
	recorded position      // of such a QoS 2 message: its record is there or later
}

// flight holds the messages that a client has not acknowledged, in the order of their packet identifiers. Clients acknowledge
// in order (MQTT-4.6.0-2), so the first one is nearly always the one.
type flight struct {
	list   []sending
	head   int
	next   int // nothing before it is due
	lastID uint16
	open   int // sent on this connection and not acknowledged
	unsent int // to be sent on this connection
	held   int // waiting for the store
}

// add takes a message in that is sent now and gives it its packet identifier. Identifiers go round; the window is far smaller
// than their number, so none is in use twice.
func (f *flight) add(at position, topic string, qos byte) uint16 {
	f.open++
	return f.push(sending{at: at, topic: topic, qos: qos, sent: true})
}

// hold takes a message in whose exchange is recorded before it is sent.
func (f *flight) hold(at position, topic string) uint16 {
	f.held++
	return f.push(sending{at: at, topic: topic, qos: 2, held: true})
}

func (f *flight) push(e sending) uint16 {
	if f.lastID++; f.lastID == 0 {
		f.lastID = 1
	}
	if f.head > 64 && f.head > len(f.list)/2 {
		f.list = append(f.list[:0], f.list[f.head:]...)
		f.next, f.head = max(f.next-f.head, 0), 0
	}
	e.id = f.lastID
	f.list = append(f.list, e)
	return e.id
}

// revive takes up a QoS 2 message that an earlier process sent. An identifier that comes again, or that is too far ahead, tells
// that earlier messages are through.
func (f *flight) revive(at position, topic string, id uint16) {
	f.finish(f.find(id))
	for f.head < len(f.list) && int(id-f.list[f.head].id) > idSpan {
		f.finish(&f.list[f.head])
	}
	f.lastID = id - 1
	f.unsent++
	f.push(sending{at: at, topic: topic, qos: 2, dup: true})
}

// find returns the message under way with an identifier, or nil. Identifiers ascend by one but for gaps, so that the distance
// from the first tells where to look, or a little before that.
func (f *flight) find(id uint16) *sending {
	if f.head == len(f.list) {
		return nil
	}
	first := f.list[f.head].id
	away := id - first
	for i := min(f.head+int(away), len(f.list)-1); i >= f.head; i-- {
		e := &f.list[i]
		if e.id == id && !e.done {
			return e
		}
		if e.id-first < away {
			return nil
		}
	}
	return nil
}

// ack notes a PUBACK; ok is false for an identifier that is not under way.
func (f *flight) ack(id uint16) (ok bool) {
	e := f.find(id)
	if e == nil || !e.sent || e.qos != 1 {
		return false
	}
	f.finish(e)
	return true
}

// finish takes a message out, acknowledged or given up.
func (f *flight) finish(e *sending) {
	if e == nil {
		return
	}
	switch {
	case e.held:
		f.held--
	case e.sent:
		f.open--
	case e.phase != recording:
		f.unsent--
	}
	e.done = true
	f.trim()
}

func (f *flight) trim() {
	for f.head < len(f.list) && f.list[f.head].done {
		f.list[f.head].topic, f.list[f.head].sub = "", nil
		f.head++
	}
	if f.head == len(f.list) {
		f.list, f.head, f.next = f.list[:0], 0, 0
		if cap(f.list) > 256 {
			f.list = nil
		}
	}
}

// again makes everything unacknowledged due once more, for a new connection (MQTT-4.4.0-1).
func (f *flight) again() {
	f.open, f.unsent, f.next = 0, 0, f.head
	for i := f.head; i < len(f.list); i++ {
		e := &f.list[i]
		if e.done || e.held {
			continue
		}
		e.dup, e.sent = e.dup || e.sent, false
		if e.phase != recording {
			f.unsent++
		}
	}
}

// stored lets a held message go out.
func (f *flight) stored(id uint16) {
	if e := f.find(id); e != nil && e.held {
		e.held = false
		f.held--
		f.unsent++
	}
}

// due is the first message to send, or nil.
func (f *flight) due() *sending {
	if f.unsent == 0 {
		return nil
	}
	f.next = max(f.next, f.head)
	for i := f.next; i < len(f.list); i++ {
		e := &f.list[i]
		if !e.sent && !e.done && !e.held && e.phase != recording {
			return e
		}
		if i == f.next && !e.held && e.phase != recording {
			f.next++
		}
	}
	return nil
}

// sent notes that what a due message asks for goes out now.
func (f *flight) sent(e *sending) {
	e.sent = true
	f.unsent--
	f.open++
}

// full reports that the window is used up, or that identifiers could meet: one that stays open lets others pass it only so far.
func (f *flight) full(window int) bool {
	if f.open+f.unsent+f.held >= window {
		return true
	}
	return f.head < len(f.list) && int(f.lastID-f.list[f.head].id) >= min(2*window, idSpan)
}

// idSpan is how far apart identifiers under way may be, of 65,535.
const idSpan = 60_000

// first is the lowest stored position under way.
func (f *flight) first() (at position, ok bool) {
	for i := f.head; i < len(f.list); i++ {
		e := &f.list[i]
		from := e.at
		if e.sub != nil {
			from = e.recorded // none at QoS 1: the group's position is before it
		}
		if !e.done && from.seq > 0 && (!ok || from.before(at)) {
			at, ok = from, true
		}
	}
	return at, ok
}

// queue holds the positions of messages that wait, oldest first, in a ring that grows up to its bound.
type queue struct {
	ring []position
	head int
	n    int
	most int
}

// push adds a position; dropped is true when the oldest one had to give way.
func (q *queue) push(p position) (dropped bool) {
	if q.n == len(q.ring) {
		if q.n >= q.most {
			q.head = (q.head + 1) % len(q.ring)
			q.n--
			dropped = true
		} else {
			q.grow()
		}
	}
	q.ring[(q.head+q.n)%len(q.ring)] = p
	q.n++
	return dropped
}

func (q *queue) grow() {
	larger := make([]position, min(max(8, 2*len(q.ring)), max(q.most, 1)))
	for i := range q.n {
		larger[i] = q.ring[(q.head+i)%len(q.ring)]
	}
	q.ring, q.head = larger, 0
}

func (q *queue) front() position { return q.ring[q.head] }

func (q *queue) pop() {
	q.head = (q.head + 1) % len(q.ring)
	if q.n--; q.n == 0 && len(q.ring) > 64 {
		q.ring, q.head = nil, 0
	}
}

// remove takes out a position that stands near the front.
func (q *queue) remove(p position) {
	i := sort.Search(q.n, func(i int) bool { return !q.ring[(q.head+i)%len(q.ring)].before(p) })
	if i == q.n || q.ring[(q.head+i)%len(q.ring)] != p {
		return
	}
	for ; i > 0; i-- {
		q.ring[(q.head+i)%len(q.ring)] = q.ring[(q.head+i-1)%len(q.ring)]
	}
	q.pop()
}

func (q *queue) clear() { q.ring, q.head, q.n = nil, 0, 0 }
