package broker

import (
	"context"
	"fmt"

	"github.com/thingward/thingward/server/broker/segment"
)

// recover takes up what the last process left: sessions and their positions, retained messages, and the messages stored
// since the lowest position, which are read once for all sessions.
func (s *Service) recover(ctx context.Context) error {
	if err := s.reviveSessions(ctx); err != nil {
		return fmt.Errorf("read the broker's sessions: %w", err)
	}
	marks, routed, err := s.marks(ctx)
	if err != nil {
		return fmt.Errorf("read the broker's positions: %w", err)
	}
	lowest := routed + 1
	for _, ss := range s.stored() {
		m, ok := marks[ss.nonce]
		switch {
		case ok && m.at.seq > 0:
			ss.start = m.at
		case ok:
			ss.start = position{seq: routed + 1}
		}
		if ok && !m.away.IsZero() {
			ss.away = m.away
		}
		lowest = min(lowest, ss.start.seq)
	}
	if err := s.removeOrphans(ctx); err != nil {
		return fmt.Errorf("remove shared subscriptions without members: %w", err)
	}
	if err := s.loadKept(ctx); err != nil {
		return fmt.Errorf("read the retained messages: %w", err)
	}
	if err := s.replay(ctx, lowest, routed); err != nil {
		return fmt.Errorf("read the stored messages: %w", err)
	}
	s.store.marked = routed
	return nil
}

func (s *Service) reviveSessions(ctx context.Context) error {
	now := s.Clock.Now()
	var all []*session
	err := s.store.read(ctx, s.store.sessions, 0, func(seq uint64, data []byte) {
		rec, err := decodeSession(data)
		if err != nil {
			s.Log.Error("session not taken up", "sequence", seq, "error", err)
			return
		}
		if rec.Kind == shareKind {
			s.reviveGroup(rec, seq)
			return
		}
		ss := s.revive(rec, seq, now)
		s.sessions[ss.key] = ss
		s.own(ss, nil)
		all = append(all, ss)
	})
	for _, ss := range all { // after their groups
		s.rejoin(ss)
	}
	return err
}

// stored are all that has a record: sessions and groups.
func (s *Service) stored() []*session {
	var out []*session
	for _, ss := range s.sessions {
		out = append(out, ss)
	}
	for _, g := range s.shares.list() {
		out = append(out, g.session)
	}
	return out
}

// replay gives every session the messages since its position and the steps of its QoS 2 exchanges, and the retained messages
// those that were not saved.
func (s *Service) replay(ctx context.Context, from, routed uint64) error {
	var f fan
	var m message
	byNonce := make(map[uint64]*session, len(s.sessions))
	for _, ss := range s.sessions {
		byNonce[ss.nonce] = ss
	}
	return s.store.read(ctx, s.store.in, from, func(seq uint64, data []byte) {
		s.records(seq, data, &m, func() {
			if ss := byNonce[m.Session]; ss != nil {
				ss.relive(&m)
			}
			if g := s.shares.all[string(m.Topic)]; g != nil && m.Kind == segment.Sent && m.Seq > 0 {
				g.queue.remove(position{m.Seq, m.Off}) // it is a member's now, for good
			}
			if m.Kind != segment.Message {
				return
			}
			if m.Retain && seq > routed {
				s.kept.keep(&m, s.owner(&m.Record))
			}
			found := f.match(s, m.Topic)
			for i := range found.targets {
				s.remember(&found.targets[i], &m)
			}
		})
	})
}

// relive takes a step of an exchange of the session's as it happened. What lies before the session's position is through.
func (ss *session) relive(m *message) {
	at := position{m.seq, m.off}
	if at.before(ss.start) {
		return
	}
	switch m.Kind {
	case segment.Message:
		if ss.taken == nil {
			ss.taken = map[uint16]taken{}
		}
		ss.taken[m.PacketID] = taken{at: at, stored: true}
	case segment.Released:
		delete(ss.taken, m.PacketID)
	case segment.Sent:
		ss.resend(position{m.Seq, m.Off}, at, m)
	case segment.Received:
		if e := ss.flight.find(m.PacketID); e != nil {
			e.phase = releasing
		}
	}
}

// resend takes up a QoS 2 message that was on its way, whose exchange is recorded at a position.
func (ss *session) resend(at, recorded position, m *message) {
	if m.Seq == 0 {
		ss.flight.revive(recorded, string(m.Topic), m.PacketID)
		return
	}
	if len(m.Topic) > 0 { // of a group: where it stands says nothing of the session's position
		ss.flight.revive(at, "", m.PacketID)
		if sub := ss.subs[string(m.Topic)]; sub != nil {
			e := &ss.flight.list[len(ss.flight.list)-1]
			e.sub, e.recorded = sub, recorded
		}
		return
	}
	ss.queue.remove(at)
	if ss.flight.revive(at, "", m.PacketID); at.before(ss.start) {
		ss.flight.finish(ss.flight.find(m.PacketID)) // only its identifier is of interest
	}
}

// remember queues a stored message for a session that had not come so far.
func (s *Service) remember(t *target, m *message) {
	if t.team != nil {
		t.team.rememberShared(m)
		return
	}
	ss := t.ss
	at := position{m.seq, m.off}
	if t.qos == 0 || m.QoS == 0 || at.before(ss.start) || (!t.local && m.Origin == ss.origin) {
		return
	}
	for _, sub := range ss.subs {
		if sub.from < m.seq && sub.covers(string(m.Topic)) {
			ss.wait(at)
			return
		}
	}
}

// ownRecord is a segment of one record, for retained messages.
func ownRecord(m *message) []byte {
	seg := segment.Append(segment.Start(make([]byte, 0, segment.HeaderSize+segment.Size(&m.Record))), &m.Record)
	segment.Stamp(seg, m.at)
	return seg
}
