package broker

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/broker/packet"
)

// A shared subscription, $share/name/filter, is one queue for many clients: each message goes to one of them (MQTT 5.0, section
// 4.8.2; clients of 3.1.1 may use it too). A group is a session of its own, with queue, position and record, whose client is
// whichever member is there and has room in its window, in turn. What is unacknowledged at QoS 1 when a member's connection ends
// goes back to the front; what a member got at QoS 2 stays with it. Its position is the oldest message that waits or is under way
// at QoS 1, so that a killed process loses none; at QoS 2 the record that binds a message to its member takes it out of the group.
//
// A group's mutex is taken before those of its members, never after; what happens under a member's reaches the group by poke.
type team struct {
	*session // its queue; it never has a connection
	entry    *subscription
	members  []*subscription
	turn     int        // the member that is asked next
	back     []position // what came back from members, oldest first
	qos      int        // members that take more than QoS 0
	pokes    atomic.Int32
	behind   atomic.Bool // something waits
	stale    atomic.Bool // its position is to be saved
	stored   atomic.Bool // it has a record, or is being given one
	keeping  sync.Mutex
}

// groups are all shared subscriptions, by $share/name/filter.
type groups struct {
	mu  sync.Mutex
	all map[string]*team
}

const (
	shareKind = "share" // of a group's record, beside device and account
	shareName = 128     // bytes of a group's name
)

// given is a QoS 2 message that a member is to send once its exchange is recorded.
type given struct {
	at  position
	sub *subscription
}

// join makes sub, which is for a shared filter, a member of its group, which is made when it is the first. It is nil when there
// are too many groups.
func (s *Service) join(sub *subscription) *team {
	s.shares.mu.Lock()
	defer s.shares.mu.Unlock()
	g := s.shares.all[sub.filter]
	if g == nil {
		if len(s.shares.all) >= s.Limits.SharedGroups {
			return nil
		}
		g = s.newGroup(sub.filter, sub.ss.kind)
		s.tree.Add(g.entry.filter, g.entry)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.members = append(g.members, sub)
	if sub.qos > 0 {
		g.qos++
	}
	g.poke()
	return g
}

// newGroup makes a group and files it. The first member's kind says how much may wait.
func (s *Service) newGroup(filter, kind string) *team {
	name, rest, _ := packet.ParseShare(filter)
	g := &team{session: s.newSession(shareKind, name, rest)}
	g.share = g
	if kind == string(protocol.SubjectDevice) {
		g.queue.most = s.Limits.DeviceQueue
	}
	g.entry = &subscription{filter: rest, team: g, open: true}
	s.shares.all[filter] = g
	return g
}

// leave takes a member out. A group without members ends.
func (s *Service) leave(sub *subscription) {
	s.shares.mu.Lock()
	g := sub.team
	g.mu.Lock()
	if i := slices.Index(g.members, sub); i >= 0 {
		g.members = slices.Delete(g.members, i, i+1)
		if sub.qos > 0 {
			g.qos--
		}
	}
	over := len(g.members) == 0 && !g.dead
	g.dead = g.dead || over
	g.mu.Unlock()
	if over {
		delete(s.shares.all, sub.filter)
		s.tree.Remove(g.entry.filter, g.entry)
	}
	s.shares.mu.Unlock()
	if over && g.stored.Swap(false) {
		ctx, cancel := context.WithTimeout(context.Background(), storeTry)
		defer cancel()
		if err := g.unsave(ctx); err != nil {
			s.Log.Warn("shared subscription not removed from the store: the next start removes it", "filter", sub.filter, "error", err)
		}
	}
	g.poke()
}

// keep stores the group, because a member's session lasts.
func (g *team) keep(ctx context.Context) error {
	g.keeping.Lock()
	defer g.keeping.Unlock()
	if g.stored.Swap(true) {
		return nil
	}
	g.mu.Lock()
	g.expiry = g.s.Limits.SessionExpiry
	g.mu.Unlock()
	if err := g.save(ctx); err != nil {
		g.stored.Store(false)
		return err
	}
	g.stale.Store(false)
	g.touch()
	return nil
}

// reshare makes the list of the session's shared subscriptions anew.
func (ss *session) reshare() {
	ss.shared = nil
	for _, sub := range ss.subs {
		if sub.team != nil {
			ss.shared = append(ss.shared, sub)
		}
	}
}

// joinAll makes the shared ones of new subscriptions members of their groups, and stores the groups for a session that lasts.
func (ss *session) joinAll(ctx context.Context, made []*subscription, lasting bool) error {
	for _, sub := range made {
		if _, _, shared := packet.ParseShare(sub.filter); !shared {
			continue
		}
		if sub.team = ss.s.join(sub); sub.team == nil {
			return errGroups
		}
		sub.open = false // until SUBACK
		if lasting {
			if err := sub.team.keep(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// openShared lets messages come to new members, which have their SUBACK now.
func (ss *session) openShared(made []*subscription) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	for _, sub := range made {
		if sub.team != nil {
			sub.open = true
			sub.team.poke()
		}
	}
}

// part takes subscriptions out of their groups again.
func (s *Service) part(made []*subscription) {
	for _, sub := range made {
		if sub.team != nil {
			s.leave(sub)
		}
	}
}

var errGroups = errors.New("there are too many shared subscriptions")

// judgeShare says whether a client may be a member of a group.
func (s *Service) judgeShare(filter, name string) (code packet.ReasonCode, ok bool) {
	if len(name) > shareName {
		return packet.TopicFilterInvalid, false
	}
	s.shares.mu.Lock()
	defer s.shares.mu.Unlock()
	if s.shares.all[filter] == nil && len(s.shares.all) >= s.Limits.SharedGroups {
		return packet.QuotaExceeded, false
	}
	return packet.Success, true
}

// list returns every group.
func (gs *groups) list() []*team {
	gs.mu.Lock()
	defer gs.mu.Unlock()
	out := make([]*team, 0, len(gs.all))
	for _, g := range gs.all {
		out = append(out, g)
	}
	return out
}

// place puts a subscription where messages find it.
func (s *Service) place(sub *subscription) {
	if sub.team != nil {
		sub.team.poke()
		return
	}
	s.tree.Add(sub.filter, sub)
}

// displace takes a subscription out of there; of a shared one, the membership ends.
func (s *Service) displace(sub *subscription) {
	if sub.team == nil {
		s.tree.Remove(sub.filter, sub)
		return
	}
	s.leave(sub)
}

// inner is the filter that topics are matched with.
func (sub *subscription) inner() string {
	_, rest, _ := packet.ParseShare(sub.filter)
	return rest
}

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
	absent                  // its client is not there, or may not have it
	full                    // it has no room now
	tooLarge                // its client takes no packet of that size
)

// offer asks the members in turn. It is true when nothing is left to do: one took it, or none that is there can.
func (g *team) offer(f *fan, m *message, at position, now time.Time) bool {
	if m.expired(now) {
		return true
	}
	n, large, room := len(g.members), false, true
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
		}
	}
	return large && room
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
	c := ss.conn.Load()
	if c == nil || c.ended.Load() || ss.dead || !sub.open || ss.subs[sub.filter] != sub {
		return nil, absent
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

// waitingNow is how many messages wait for a member.
func (g *team) waitingNow() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.queue.n + len(g.back)
}

// reviveGroup makes a group from its record, before its members.
func (s *Service) reviveGroup(rec savedSession, seq uint64) {
	filter := "$share/" + rec.ID + "/" + rec.ClientID
	if _, _, shared := packet.ParseShare(filter); !shared || !packet.ValidFilter(filter) {
		s.Log.Error("shared subscription not taken up: its record is damaged", "sequence", seq)
		return
	}
	g := s.newGroup(filter, "")
	g.nonce, g.expiry, g.recorded, g.start = rec.Nonce, time.Duration(rec.Expiry)*time.Second, seq, position{rec.Seq, rec.Off}
	g.stored.Store(true)
	s.tree.Add(g.entry.filter, g.entry)
}

// placeAgain takes up a subscription of a stored session; its group comes later, from its own record.
func (s *Service) placeAgain(sub *subscription) {
	if _, _, shared := packet.ParseShare(sub.filter); !shared {
		s.tree.Add(sub.filter, sub)
	}
}

// rejoin makes a stored session a member of its groups again. A group whose record is missing begins anew.
func (s *Service) rejoin(ss *session) {
	for filter, sub := range ss.subs {
		if _, _, shared := packet.ParseShare(filter); !shared {
			continue
		}
		fresh := s.shares.all[filter] == nil
		if sub.team = s.join(sub); sub.team == nil {
			s.Log.Error("shared subscription not taken up: there are too many", "filter", filter, "session", ss.key)
			continue
		}
		if fresh {
			sub.team.start = position{seq: s.store.last + 1}
		}
		if ss.kind == string(protocol.SubjectDevice) {
			sub.team.queue.most = s.Limits.DeviceQueue
		}
	}
	ss.reshare()
}

// keepGroups stores the groups of sessions that last which have no record.
func (s *Service) keepGroups(ctx context.Context) error {
	for _, g := range s.shares.list() {
		if err := g.keep(ctx); err != nil {
			return err
		}
	}
	return nil
}

// rememberShared queues a stored message for a group that had not come so far.
func (g *team) rememberShared(m *message) {
	at := position{m.seq, m.off}
	if m.QoS == 0 || g.qos == 0 || at.before(g.start) {
		return
	}
	g.wait(at)
	g.behind.Store(true)
}

// removeOrphans removes records of groups that no session is a member of any more.
func (s *Service) removeOrphans(ctx context.Context) error {
	for filter, g := range s.shares.all {
		if len(g.members) > 0 {
			continue
		}
		delete(s.shares.all, filter)
		s.tree.Remove(g.entry.filter, g.entry)
		if err := g.unsave(ctx); err != nil {
			return err
		}
	}
	return nil
}
