package broker

import (
	"slices"
	"time"
)

// take gives a message to one member. QoS 0 reaches who is there or nobody; any other message waits if it must.
func (g *team) take(f *fan, m *message) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.dead {
		return
	}
	at := position{m.seq, m.off}
	if m.QoS == 0 {
		g.offer(f, m, position{}, m.at)
		return
	}
	if !g.behind.Load() {
		if g.offer(f, m, at, m.at) {
			g.touch()
			return
		}
	}
	if g.qos == 0 {
		return // nobody wants more than QoS 0, which does not wait
	}
	g.wait(at)
	if !g.behind.Swap(true) {
		g.poke() // a member may have made room just before
	}
}

// verdict is what became of a message that was offered to a member.
type verdict byte

const (
	taken0   verdict = iota // it is the member's
	absent                  // its client is not there
	barred                  // its grants do not open it
	full                    // it has no room now
	tooLarge                // its client takes no packet of that size
)

// offer asks the members in turn. It is true when nothing is left to do: one took it, or none that is there can.
func (g *team) offer(f *fan, m *message, at position, now time.Time) bool {
	if m.expired(now) {
		return true
	}
	n, large, room, closed := len(g.members), false, true, 0
	for i := range n {
		sub := g.members[(g.turn+i)%n]
		c, v := sub.ss.offered(sub, m, at, now)
		switch v {
		case taken0:
			g.turn = (g.turn + i + 1) % n
			if c != nil {
				f.mark(c)
			}
			return true
		case tooLarge:
			large = true
		case full:
			room = false
		case barred:
			closed++
		case absent: // it is passed over
		}
	}
	return (large || closed == n && n > 0) && room
}

// ready reports whether a member could take a message now.
func (g *team) ready() bool {
	return slices.ContainsFunc(g.members, func(sub *subscription) bool {
		sub.ss.mu.Lock()
		defer sub.ss.mu.Unlock()
		c := sub.ss.conn.Load()
		return sub.ss.hasRoom(sub, c)
	})
}

// hasRoom reports whether a shared subscription's client is there and could take a message.
func (ss *session) hasRoom(sub *subscription, c *conn) bool {
	return c != nil && !c.ended.Load() && !ss.dead && sub.open && ss.subs[sub.filter] == sub &&
		ss.queue.n == 0 && len(ss.owed) == 0 && ss.flight.unsent == 0 && !ss.flight.full(c.window-len(ss.given)) && c.room()
}

// offered takes a message of a group if the client is there and has room.
func (ss *session) offered(sub *subscription, m *message, at position, now time.Time) (*conn, verdict) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	r, may := ss.rightTo(string(m.Topic))
	if !may {
		return nil, barred
	}
	c := ss.conn.Load()
	if c == nil || c.ended.Load() || ss.dead || !sub.open || ss.subs[sub.filter] != sub {
		return nil, absent
	}
	if r != nil {
		r.mark()
	}
	qos := min(m.QoS, sub.qos)
	if !ss.hasRoom(sub, c) || (len(ss.given) > 0 && qos == 1) {
		return nil, full
	}
	ids := sub.ids()
	b, _ := m.encoded(c.version, qos, sub.asIs && m.Retain, false, ids, now)
	if c.tooLarge(b) {
		return nil, tooLarge
	}
	if qos == 2 && sub.team.stored.Load() {
		ss.given = append(ss.given, given{at, sub})
		ss.pumpLocked()
		return nil, taken0
	}
	if !ss.send(c, m, at, "", qos, sub.asIs && m.Retain, ids, now) {
		return nil, full
	}
	if qos > 0 {
		ss.flight.list[len(ss.flight.list)-1].sub = sub
	}
	return c, taken0
}

func (sub *subscription) ids() []uint32 {
	if sub.id == 0 {
		return nil
	}
	return []uint32{sub.id}
}

// sendGiven has the exchange of a group's QoS 2 message recorded.
func (ss *session) sendGiven(held *holding) {
	x := ss.given[0]
	if ss.given = ss.given[1:]; len(ss.given) == 0 {
		ss.given = nil
	}
	ss.hold(held, x.at, x.sub.filter)
	e := &ss.flight.list[len(ss.flight.list)-1]
	e.sub, e.recorded = x.sub, ss.s.commit.ahead()
	held.shared = append(held.shared, x)
}

// yield takes what the client of a lost connection has not acknowledged at QoS 1 out of the session, and what was not begun at
// QoS 2, for the groups to give to others.
func (ss *session) yield() []given {
	out := ss.given
	ss.given = nil
	for i := len(ss.flight.list) - 1; i >= ss.flight.head && i < len(ss.flight.list); i-- { // backwards: what is finished is cut off
		if e := &ss.flight.list[i]; e.sub != nil && e.qos == 1 && !e.done {
			out = append(out, given{e.at, e.sub})
			ss.flight.finish(e)
		}
	}
	return out
}

// forgo takes what is not begun out of the session, of a group that it leaves.
func (ss *session) forgo(sub *subscription) (out []given) {
	ss.given = slices.DeleteFunc(ss.given, func(x given) bool {
		if x.sub.filter == sub.filter {
			out = append(out, x)
			return true
		}
		return false
	})
	return out
}

// restore gives messages back to the front of their groups.
func restore(list []given) {
	for _, x := range list {
		g := x.sub.team
		g.mu.Lock()
		if !g.dead {
			i, there := slices.BinarySearchFunc(g.back, x.at, comparePositions)
			if !there {
				g.back = slices.Insert(g.back, i, x.at)
			}
			g.behind.Store(true)
			g.touch()
		}
		g.mu.Unlock()
		g.poke()
	}
}

func comparePositions(a, b position) int {
	switch {
	case a.before(b):
		return -1
	case b.before(a):
		return 1
	}
	return 0
}

// freed tells the session's groups that one of their messages is through, or that there is room for another.
func (ss *session) freed() {
	for _, sub := range ss.shared {
		sub.team.touch()
		if sub.team.behind.Load() {
			sub.team.poke()
		}
	}
}

// touch has the position saved with the next ones.
func (g *team) touch() {
	if g.stored.Load() && !g.stale.Swap(true) {
		g.s.store.dirty.add(g.session)
	}
}

// poke has what waits offered to the members. It takes no lock.
func (g *team) poke() {
	if g.pokes.Add(1) == 1 {
		go g.pump()
	}
}

// pump offers what waits until nothing does or nobody has room.
func (g *team) pump() {
	for {
		n := g.pokes.Load()
		g.drain()
		if g.pokes.CompareAndSwap(n, 0) {
			return
		}
	}
}

func (g *team) drain() {
	defer func() {
		if p := recover(); p != nil {
			g.s.count.panics.Add(1)
			g.s.Log.Error("panic while sending what waited for a shared subscription", "session", g.key, "panic", p)
		}
	}()
	var f fan
	var m message
	for more := true; more && !g.s.isStopped(); {
		var need uint64
		need, more = g.drainSome(&f, &m)
		f.kick()
		if need > 0 {
			g.fetch(need)
		}
	}
}

// fetch brings a segment into the cache, or remembers that it is stored no longer.
func (g *team) fetch(seq uint64) {
	found, err := g.s.load(seq)
	switch {
	case err != nil:
		g.s.Log.Warn("stored messages not read, trying again", "sequence", seq, "error", err)
		select {
		case <-g.s.stopped:
		case <-wall.After(storePause):
		}
	case !found:
		g.mu.Lock()
		g.gone = seq
		g.mu.Unlock()
	}
}

// drainSome offers some of what waits.
func (g *team) drainSome(f *fan, m *message) (need uint64, more bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for range pumpMost {
		if g.dead || (len(g.back) == 0 && g.queue.n == 0) {
			g.behind.Store(false)
			return 0, false
		}
		if !g.ready() {
			return 0, false
		}
		at := g.front()
		found, there := g.read(at, m)
		if !there {
			return at.seq, true
		}
		if found && !g.offer(f, m, at, g.s.Clock.Now()) {
			return 0, false
		}
		if !found {
			g.dropped++
		}
		g.pop()
	}
	return 0, true
}

func (g *team) front() position {
	if len(g.back) > 0 {
		return g.back[0]
	}
	return g.queue.front()
}

func (g *team) pop() {
	g.touch()
	if len(g.back) == 0 {
		g.queue.pop()
		return
	}
	if g.back = g.back[1:]; len(g.back) == 0 {
		g.back = nil
	}
}

// oldest is the oldest message that came back or is under way with a member, unless its own exchange is recorded.
func (g *team) oldest() (at position, ok bool) {
	least := func(p position) {
		if !ok || p.before(at) {
			at, ok = p, true
		}
	}
	if len(g.back) > 0 {
		least(g.back[0])
	}
	for _, sub := range g.members {
		sub.ss.mu.Lock()
		for _, x := range sub.ss.given {
			if x.sub.team == g {
				least(x.at)
			}
		}
		for i := sub.ss.flight.head; i < len(sub.ss.flight.list); i++ {
			if e := &sub.ss.flight.list[i]; e.sub != nil && e.sub.team == g && !e.done && (e.qos == 1 || e.held) {
				least(e.at)
			}
		}
		sub.ss.mu.Unlock()
	}
	return at, ok
}
