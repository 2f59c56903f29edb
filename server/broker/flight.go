package broker

// position is where a record is stored. The zero position means "caught up".
type position struct {
	seq uint64
	off uint32
}

func (p position) before(q position) bool {
	return p.seq < q.seq || (p.seq == q.seq && p.off < q.off)
}

// sending is a QoS 1 message on its way to a client. topic is set for a retained message, which has no position.
type sending struct {
	at    position
	topic string
	id    uint16
	acked bool
	sent  bool // on this connection
}

// flight holds the messages that a client has not acknowledged, in the order of their packet identifiers. Clients acknowledge
// in order (MQTT-4.6.0-2), so the first one is nearly always the one.
type flight struct {
	list   []sending
	head   int
	lastID uint16
	open   int // sent on this connection and not acknowledged
	unsent int // from an earlier connection and not sent on this one
}

// add takes a message in and gives it its packet identifier. Identifiers go round; the window is far smaller than their
// number, so none is in use twice.
func (f *flight) add(at position, topic string) uint16 {
	if f.lastID++; f.lastID == 0 {
		f.lastID = 1
	}
	if f.head > 64 && f.head > len(f.list)/2 {
		f.list = append(f.list[:0], f.list[f.head:]...)
		f.head = 0
	}
	f.list = append(f.list, sending{at: at, topic: topic, id: f.lastID, sent: true})
	f.open++
	return f.lastID
}

// ack notes an acknowledgement; ok is false for an identifier that is not under way.
func (f *flight) ack(id uint16) (ok bool) {
	for i := f.head; i < len(f.list); i++ {
		if e := &f.list[i]; e.id == id {
			if e.acked || !e.sent {
				return false
			}
			e.acked = true
			f.open--
			f.trim()
			return true
		}
	}
	return false
}

// drop gives a message up that cannot be sent again.
func (f *flight) drop(e *sending) {
	if !e.sent {
		f.unsent--
	} else if !e.acked {
		f.open--
	}
	e.acked, e.sent = true, true
	f.trim()
}

func (f *flight) trim() {
	for f.head < len(f.list) && f.list[f.head].acked {
		f.list[f.head].topic = ""
		f.head++
	}
	if f.head == len(f.list) {
		f.list, f.head = f.list[:0], 0
		if cap(f.list) > 256 {
			f.list = nil
		}
	}
}

// again makes everything unacknowledged due once more, for a new connection (MQTT-4.4.0-1).
func (f *flight) again() {
	f.open, f.unsent = 0, 0
	for i := f.head; i < len(f.list); i++ {
		if !f.list[i].acked {
			f.list[i].sent = false
			f.unsent++
		}
	}
}

// due is the first message to send again, or nil.
func (f *flight) due() *sending {
	if f.unsent == 0 {
		return nil
	}
	for i := f.head; i < len(f.list); i++ {
		if e := &f.list[i]; !e.sent && !e.acked {
			return e
		}
	}
	return nil
}

// full reports that the window is used up, counting gaps, so that identifiers cannot meet.
func (f *flight) full(window int) bool {
	return f.open+f.unsent >= window || len(f.list)-f.head >= 2*window
}

// first is the lowest stored position under way.
func (f *flight) first() (at position, ok bool) {
	for i := f.head; i < len(f.list); i++ {
		if e := &f.list[i]; !e.acked && e.at.seq > 0 && (!ok || e.at.before(at)) {
			at, ok = e.at, true
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

func (q *queue) clear() { q.ring, q.head, q.n = nil, 0, 0 }
