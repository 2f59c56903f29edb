package broker

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"hash/fnv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/broker/packet"
)

// session is what outlives a connection: subscriptions, and what is still to be delivered. One whose expiry is 0 ends with
// its connection; any other is stored, and waits for its client.
type session struct {
	s        *Service
	key      string // kind/id/client
	kind, id string // of its owner
	clientID string
	origin   uint64 // hash of key
	nonce    uint64 // tells it from an earlier session of the same key
	conn     atomic.Pointer[conn]
	rights   aclRef     // as it was last judged; nil until then
	saving   sync.Mutex // one save at a time

	mu       sync.Mutex
	dead     bool // discarded
	subs     map[string]*subscription
	shared   []*subscription // those of subs that are shared
	given    []given         // messages of groups whose exchange is to be recorded
	share    *team           // the group whose queue this is; nil for a client's session
	expiry   time.Duration
	away     time.Time // when its client left; zero while it is there
	will     *will
	willAt   time.Time // when a delayed will is due
	flight   flight
	taken    map[uint16]taken // QoS 2 messages of its client that are not released
	queue    queue
	owed     []owed // retained messages to send for new subscriptions
	pumping  bool
	gone     uint64 // a segment that is stored no longer
	dropped  int    // messages lost to the queue's bound since the last report
	dirty    bool   // its position is to be saved
	recorded uint64 // sequence of its record in the store; 0: none
	start    position

	savedExpiry time.Duration // as in the record
	savedWill   bool
}

// owed is a retained message that a subscription asks for. The message is looked up when it is sent, so that it is never
// older than what went by meanwhile.
type owed struct {
	topic string
	sub   *subscription
}

func (s *Service) newSession(kind, id, clientID string) *session {
	ss := &session{s: s, key: kind + "/" + id + "/" + clientID, kind: kind, id: id, clientID: clientID}
	h := fnv.New64a()
	_, _ = h.Write([]byte(ss.key)) // never fails
	ss.origin = h.Sum64() | 1
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails: it would end the process
	ss.nonce = binary.BigEndian.Uint64(b[:])
	ss.queue.most = s.Limits.AccountQueue
	if kind == string(protocol.SubjectDevice) {
		ss.queue.most = s.Limits.DeviceQueue
	}
	return ss
}

// expiryOf is how long the session outlives the connection.
func (c *conn) expiryOf(p packet.Connect) time.Duration {
	if c.version < packet.V5 {
		if p.CleanStart {
			return 0
		}
		return c.s.Limits.SessionExpiry
	}
	seconds, _ := p.Properties.Uint(packet.PropSessionExpiry)
	return min(time.Duration(seconds)*time.Second, c.s.Limits.SessionExpiry)
}

// join takes up the client's session or makes one, stores it if it is to last, and answers CONNECT.
func (c *conn) join(p packet.Connect) *refusal {
	for range 3 {
		ss, present := c.s.findSession(c, p.CleanStart)
		if r := c.takeUp(ss, present, p); r != errDead {
			return r
		}
	}
	return errDead
}

// errDead says that the session ended while its connection was being set up: the connection before it has only just left.
var errDead = &refusal{packet.ServerBusy, "session-ended", "the session ended while it was taken up: connect again"}

// takeUp prepares a session for its new connection.
func (c *conn) takeUp(ss *session, present bool, p packet.Connect) *refusal {
	ss.mu.Lock()
	ss.expiry = c.expiryOf(p)
	old := ss.changeWill(makeWill(p.Will))
	ss.mu.Unlock()
	if old != nil {
		c.s.publishWill(ss, old)
	}
	if err := ss.settle(); err != nil {
		c.s.Log.Error("session not stored", "session", ss.key, "error", err)
		return &refusal{packet.ServerUnavailable, "store", "the session cannot be stored now: try again"}
	}
	b, err := c.connack(p, present)
	if err != nil {
		return &refusal{packet.UnspecifiedError, "fault", "the answer cannot be encoded"}
	}
	return ss.attach(c, b)
}

// settle brings the stored record in line with a session that begins or resumes: written if it lasts and something changed,
// removed if it ends with its connection.
func (ss *session) settle() error {
	ctx, cancel := context.WithTimeout(context.Background(), storeTry)
	defer cancel()
	ss.mu.Lock()
	recorded, lasting := ss.recorded > 0, ss.expiry > 0
	same := recorded && ss.savedExpiry == ss.expiry && ss.will == nil && !ss.savedWill
	ss.mu.Unlock()
	switch {
	case !lasting && recorded:
		return ss.unsave(ctx)
	case lasting && !same:
		return ss.save(ctx)
	}
	return nil
}

// attach makes c the session's connection; from here on messages flow.
func (ss *session) attach(c *conn, connack []byte) *refusal {
	ss.applyACL(c.acl.Load())
	ss.mu.Lock()
	defer ss.mu.Unlock()
	if ss.dead {
		return errDead
	}
	if c.ended.Load() {
		return &refusal{packet.Success, "taken-over", "a newer connection took over while this one was being answered"}
	}
	c.ss, c.since = ss, c.s.Clock.Now()
	ss.away, ss.willAt = time.Time{}, time.Time{}
	ss.flight.again()
	ss.conn.Store(c)
	c.live.Store(true)
	c.send(connack, 0, 0, false)
	c.kick()
	ss.pumpLocked()
	ss.freed()
	return nil
}

// findSession returns the session to use and whether it was there before.
func (s *Service) findSession(c *conn, clean bool) (ss *session, present bool) {
	key := c.subject + "/" + c.clientID
	s.mu.Lock()
	old := s.sessions[key]
	if old != nil && !clean && old.resumable(s.Clock.Now()) {
		s.mu.Unlock()
		return old, true
	}
	ss = s.newSession(c.client.Kind, c.client.ID, c.clientID)
	s.sessions[key] = ss
	crowded := s.own(ss, old)
	s.mu.Unlock()
	if crowded != nil {
		s.discard(crowded)
	}
	if old != nil {
		ss.recorded = old.end()
	}
	return ss, false
}

// own files a session under its owner in place of an older one. When the owner has too many, it returns the one whose client
// has been away longest, to be discarded: clients that make up a new id each time would fill the store otherwise.
func (s *Service) own(ss, old *session) (crowded *session) {
	all := s.owned[ss.owner()]
	if all == nil {
		all = map[*session]struct{}{}
		s.owned[ss.owner()] = all
	}
	delete(all, old)
	all[ss] = struct{}{}
	most := s.Limits.SessionsPerAccount
	if ss.kind == string(protocol.SubjectDevice) {
		most = storedPerLive * s.Limits.SessionsPerDevice
	}
	if len(all) <= most {
		return nil
	}
	for x := range all {
		if x.conn.Load() == nil && x != ss && (crowded == nil || x.awaySince().Before(crowded.awaySince())) {
			crowded = x
		}
	}
	return crowded
}

// storedPerLive is how many sessions a device may have for each it may have live.
const storedPerLive = 4

func (ss *session) owner() string { return ss.kind + "/" + ss.id }

func (ss *session) awaySince() time.Time {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	return ss.away
}

// resumable reports whether a new connection may take the session up. One that ends with its connection is over when that is
// taken over (MQTT-3.1.4-3, and MQTT-3.1.2-6 of 3.1.1).
func (ss *session) resumable(now time.Time) bool {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	return !ss.dead && ss.expiry > 0 && (ss.away.IsZero() || now.Sub(ss.away) < ss.expiry)
}

// end takes a session out of the tree for good and publishes a will that was still to come. It returns the sequence of its
// stored record, for whoever replaces it.
func (ss *session) end() (recorded uint64) {
	ss.mu.Lock()
	subs, w := ss.subs, ss.will
	due := !ss.willAt.IsZero() || ss.conn.Load() != nil // taken over by a clean start
	ss.conn.Store(nil)
	back := ss.yield()
	ss.dead, ss.subs, ss.shared, ss.will, ss.willAt = true, nil, nil, nil, time.Time{}
	ss.queue.clear()
	ss.flight, ss.owed, ss.taken = flight{}, nil, nil
	recorded, ss.recorded = ss.recorded, 0
	ss.mu.Unlock()
	restore(back)
	for _, sub := range subs {
		ss.s.displace(sub)
	}
	if w != nil && due {
		ss.s.publishWill(ss, w)
	}
	return recorded
}

// discard ends a session and removes it from memory and store.
func (s *Service) discard(ss *session) {
	s.mu.Lock()
	if s.sessions[ss.key] == ss {
		delete(s.sessions, ss.key)
	}
	if all := s.owned[ss.owner()]; all != nil {
		if delete(all, ss); len(all) == 0 {
			delete(s.owned, ss.owner())
		}
	}
	s.mu.Unlock()
	if ss.end() > 0 {
		ctx, cancel := context.WithTimeout(context.Background(), storeTry)
		defer cancel()
		if err := ss.unsave(ctx); err != nil {
			s.Log.Warn("session not removed from the store: it will expire there", "session", ss.key, "error", err)
		}
	}
}

// leaveSession parts a connection from its session, which waits or ends.
func (s *Service) leaveSession(c *conn) {
	ss := c.ss
	if ss == nil {
		return
	}
	now := s.Clock.Now()
	ss.mu.Lock()
	if ss.conn.Load() != c {
		ss.mu.Unlock()
		return // taken over
	}
	ss.conn.Store(nil)
	ss.away = now
	back := ss.yield()
	ss.touch()
	w := ss.will
	delay := time.Duration(0)
	if w != nil {
		delay = min(w.Delay, ss.expiry)
	}
	switch {
	case c.clean || c.barred.Load():
		w, ss.will = nil, nil
	case delay > 0:
		w, ss.willAt = nil, now.Add(delay)
	default:
		ss.will = nil
	}
	over := ss.expiry == 0
	ss.mu.Unlock()
	restore(back)
	if w != nil {
		s.publishWill(ss, w)
	}
	if over {
		s.discard(ss)
	}
}

// changeExpiry is what DISCONNECT may ask for (section 3.14.2.2.2).
func (s *Service) changeExpiry(c *conn, seconds uint32) error {
	ss := c.ss
	ss.mu.Lock()
	if ss.expiry == 0 && seconds > 0 {
		ss.mu.Unlock()
		return &packet.Error{Packet: packet.TypeDisconnect, Code: packet.ProtocolError, Clause: "MQTT5 section 3.14.2.2.2", Detail: "a session that was to end with its connection cannot be kept"}
	}
	before := ss.expiry
	ss.expiry = min(time.Duration(seconds)*time.Second, s.Limits.SessionExpiry)
	store := ss.expiry > 0 && ss.expiry != before
	ss.mu.Unlock()
	if !store {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), storeTry)
	defer cancel()
	if err := ss.save(ctx); err != nil {
		s.Log.Warn("session expiry not stored", "session", ss.key, "error", err)
	}
	return nil
}

// applyACL opens and closes the session's subscriptions as the ACL says.
func (ss *session) applyACL(a *acl) {
	ss.mu.Lock()
	if rights := ss.rights.Swap(a); rights != a && (a != nil && a.rights != nil || rights != nil && rights.rights != nil) {
		ss.s.tree.Touch()
	}
	var opened, closed []*subscription
	for _, sub := range ss.subs {
		may := a != nil && a.maySubscribe(sub.inner())
		if may == sub.open {
			continue
		}
		if sub.open = may; may {
			opened = append(opened, sub)
		} else {
			closed = append(closed, sub)
		}
	}
	ss.mu.Unlock()
	for _, sub := range opened {
		ss.s.place(sub)
	}
	for _, sub := range closed {
		if sub.team == nil { // a member of a group is passed over
			ss.s.displace(sub)
		}
	}
}
