package broker

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"

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
	before   *team         // the group of the same filter that ended last, whose record goes first
	over     chan struct{} // closed when this one has ended and its record is gone
}

// groups are all shared subscriptions, by $share/name/filter.
type groups struct {
	mu     sync.Mutex
	all    map[string]*team
	ending map[string]*team // their records are being removed
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
// are too many groups. Messages come to it once it is open and the group is poked.
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
	g.before, g.over = s.shares.ending[filter], make(chan struct{})
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
		s.shares.ending[sub.filter] = g
		s.tree.Remove(g.entry.filter, g.entry)
	}
	s.shares.mu.Unlock()
	if over {
		s.bury(g, sub.filter)
	}
}

// bury removes the record of a group that has ended.
func (s *Service) bury(g *team, filter string) {
	if g.stored.Swap(false) {
		ctx, cancel := context.WithTimeout(context.Background(), storeTry)
		defer cancel()
		if err := g.unsave(ctx); err != nil {
			s.Log.Warn("shared subscription not removed from the store: the next start removes it", "filter", filter, "error", err)
		}
	}
	s.shares.mu.Lock()
	defer s.shares.mu.Unlock()
	close(g.over)
	if s.shares.ending[filter] == g {
		delete(s.shares.ending, filter)
	}
}

// keep stores the group, because a member's session lasts.
func (g *team) keep(ctx context.Context) error {
	g.keeping.Lock()
	defer g.keeping.Unlock()
	if g.before != nil { // or it would remove our record
		select {
		case <-g.before.over:
		case <-ctx.Done():
			return ctx.Err()
		}
		g.before = nil
	}
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

// waitingNow is how many messages wait for a member.
func (g *team) waitingNow() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.queue.n + len(g.back)
}
