package broker

import (
	"fmt"
	"time"

	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/broker/packet"
)

// admit lets a connection in beside others of the same identity. The same client id from the same place takes over; a device
// that appears at a second address while the first is alive is a copied certificate until somebody finds out otherwise: the
// second is refused, so that the two cannot push each other out in turns, and identity.duplicate is reported.
func (s *Service) admit(c *conn) *refusal {
	if r := s.flapping(c); r != nil {
		return r
	}
	s.mu.Lock()
	old, r, first := s.judge(c)
	if r == nil {
		if s.subjects[c.subject] == nil {
			s.subjects[c.subject] = map[*conn]struct{}{}
		}
		s.subjects[c.subject][c] = struct{}{}
	}
	s.mu.Unlock()
	if first != nil {
		place := func(c *conn) map[string]any {
			return map[string]any{"address": c.place(), "client": c.clientID, "serial": c.serial}
		}
		s.refuse.report("duplicate "+c.subject, "identity.duplicate", c.party, map[string]any{"client": c.clientID, "device": c.client.ID, "first": place(first), "second": place(c)})
	}
	for _, o := range old {
		s.publish("session.taken-over", c.party, map[string]any{"client": c.clientID, "previous": o.place()})
		o.end(packet.SessionTakenOver, "session taken over by a new connection")
	}
	return r
}

// judge looks at the live connections of the same identity. It returns those that give way, or why c is refused; first is
// the connection that c duplicates.
func (s *Service) judge(c *conn) (old []*conn, r *refusal, first *conn) {
	if s.closing {
		return nil, &refusal{packet.ServerUnavailable, "closing", "the server is shutting down"}, nil
	}
	device := c.client.Kind == string(protocol.SubjectDevice)
	most, live := s.Limits.SessionsPerAccount, 0
	if device {
		most = s.Limits.SessionsPerDevice
	}
	for o := range s.subjects[c.subject] {
		switch {
		case o.ended.Load():
		case device && o.place() != c.place() && s.active(o):
			return nil, &refusal{packet.NotAuthorized, "duplicate-identity", "the same certificate is connected from " + o.place()}, o
		case o.clientID == c.clientID || (device && o.place() != c.place()):
			old = append(old, o)
		default:
			live++
		}
	}
	if live >= most {
		return nil, &refusal{packet.QuotaExceeded, "too-many-sessions", fmt.Sprintf("%d sessions of this identity are live already", live)}, nil
	}
	return old, nil, nil
}

// active reports whether o was heard of within one and a half keep-alives. Without keep-alive a connection counts as active
// for as long as the operating system keeps it.
func (s *Service) active(o *conn) bool {
	if o.front != nil && o.front.Active > 0 {
		return s.Clock.Now().Sub(time.Unix(0, o.heard.Load())) < o.front.Active
	}
	return o.keepAlive == 0 || s.Clock.Now().Sub(time.Unix(0, o.heard.Load())) < o.keepAlive
}

// forget takes a connection out of every list.
func (s *Service) forget(c *conn) {
	if c.from != nil {
		s.places.leave(c.from, c.counted)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	if m := s.subjects[c.subject]; m != nil {
		if delete(m, c); len(m) == 0 {
			delete(s.subjects, c.subject)
		}
	}
}
