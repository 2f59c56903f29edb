package broker

import (
	"slices"
	"time"

	"github.com/thingward/thingward/server/broker/packet"
)

// subscription is one filter of one session. It does not change; a new SUBSCRIBE makes a new one.
type subscription struct {
	ss      *session
	filter  string
	qos     byte
	noLocal bool
	asIs    bool   // Retain As Published
	id      uint32 // subscription identifier; 0: none
	from    uint64 // messages of later segments are meant
	open    bool   // the ACL allows it; guarded by the session
	team    *team  // of a shared one
}

// covers reports whether the subscription is open and matches topic.
func (sub *subscription) covers(topic string) bool {
	return sub.open && sub.team == nil && packet.Match(sub.filter, topic)
}

// target is a session that gets a message, with what its matching subscriptions ask for together: one copy at the highest
// QoS (section 3.3.4).
type target struct {
	ss    *session
	team  *team // in place of ss: a shared subscription, which gets a copy of its own
	qos   byte
	local bool // wants its own messages too
	asIs  bool
	ids   []uint32
	right *right // of an account: by which it gets this
}

// matches are the targets of a topic, good while the tree does not change.
type matches struct {
	version uint64
	targets []target
}

const matchesKept = 16_384 // topics

// fan sends messages to their subscribers and remembers whose connections have something to write.
type fan struct {
	known   map[string]*matches
	dirty   []*conn
	pressed *conn // a QoS 0 receiver with much waiting
}

// route delivers one message to every session that wants it.
func (f *fan) route(s *Service, m *message) {
	found := f.match(s, m.Topic)
	for i := range found.targets {
		f.deliver(&found.targets[i], m)
	}
}

// match finds the targets of a topic, remembering them until a subscription changes.
func (f *fan) match(s *Service, topic []byte) *matches {
	version := s.tree.Version()
	if found := f.known[string(topic)]; found != nil && found.version == version {
		return found
	}
	if f.known == nil || len(f.known) >= matchesKept {
		f.known = map[string]*matches{}
	}
	name := string(topic)
	found := &matches{version: version}
	index := map[*session]int{}
	s.tree.Match(name, func(sub *subscription) { found.add(index, sub) })
	found.targets = slices.DeleteFunc(found.targets, func(t target) bool { return t.ss != nil && !t.ss.may(name) }) // a group asks its members
	for i := range found.targets {
		if t := &found.targets[i]; t.ss != nil {
			t.right, _ = t.ss.rightTo(name)
		}
	}
	f.known[name] = found
	return found
}

func (m *matches) add(index map[*session]int, sub *subscription) {
	if sub.team != nil {
		m.targets = append(m.targets, target{team: sub.team})
		return
	}
	i, ok := index[sub.ss]
	if !ok {
		i = len(m.targets)
		index[sub.ss] = i
		m.targets = append(m.targets, target{ss: sub.ss})
	}
	m.targets[i].include(sub)
}

func (t *target) include(sub *subscription) {
	t.qos = max(t.qos, sub.qos)
	t.local = t.local || !sub.noLocal
	t.asIs = t.asIs || sub.asIs
	if sub.id != 0 {
		t.ids = append(t.ids, sub.id)
	}
}

// deliver sends m to one session, or leaves that to the session when it must be acknowledged.
func (f *fan) deliver(t *target, m *message) {
	if t.team != nil {
		t.team.take(f, m)
		return
	}
	if !t.local && m.Origin == t.ss.origin {
		return
	}
	if t.right != nil {
		t.right.mark()
	}
	if m.QoS > 0 && t.qos > 0 {
		if c := t.ss.take(t, m); c != nil {
			f.mark(c)
		}
		return
	}
	c := t.ss.conn.Load()
	if c == nil || m.expired(m.at) {
		return
	}
	b, _ := m.encoded(c.version, 0, t.asIs && m.Retain, false, t.ids, m.at)
	if c.tooLarge(b) {
		return
	}
	if !c.sendMessage(m, b, 0, 0, true) {
		c.lost.Add(1)
		c.s.count.dropped.Add(1)
		f.pressed = c
		return
	}
	c.countSent()
	f.mark(c)
}

const (
	pressWait  = 4 * time.Millisecond   // the most that one read of a publisher waits for a receiver
	pressStuck = 200 * time.Millisecond // a receiver that takes nothing for so long is not waited for
)

// ease lets a receiver that has fallen behind, but reads, catch up a little before its publisher is read on. A publisher
// keeps some megabytes a second whatever its receivers do; what does not fit is dropped as before.
func (f *fan) ease() {
	c := f.pressed
	if c == nil {
		return
	}
	f.pressed = nil
	for waited := time.Duration(0); waited < pressWait && !c.ended.Load() && !c.room() && c.stalled(c.s.Clock.Now()) < pressStuck; waited += pressWait / 8 {
		<-wall.After(pressWait / 8)
	}
}

// tooLarge reports a packet above what the client takes; it is left out without a word (MQTT-3.1.2-25).
func (c *conn) tooLarge(b []byte) bool {
	return len(b) == 0 || (c.largest > 0 && len(b) > c.largest)
}

func (c *conn) countSent() {
	c.sent.Add(1)
	c.s.count.out.Add(1)
}

// mark remembers that c has something to write.
func (f *fan) mark(c *conn) {
	if n := len(f.dirty); n > 0 && f.dirty[n-1] == c {
		return
	}
	if len(f.dirty) >= 256 {
		f.kick()
	}
	f.dirty = append(f.dirty, c)
}

// kick starts writing to everyone who got something.
func (f *fan) kick() {
	for i, c := range f.dirty {
		c.kick()
		f.dirty[i] = nil
	}
	f.dirty = f.dirty[:0]
}
