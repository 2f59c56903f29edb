package broker

import (
	"context"
	"time"

	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/broker/packet"
)

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
			sub.team.start = position{seq: s.store.segments.last + 1}
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
