package broker

import (
	"context"
	"strings"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/broker/packet"
	"github.com/thingward/thingward/server/bus"
)

var (
	errTooLarge = fleet.Errorf(fleet.CodeInvalid, "the message is larger than the broker takes")
	errStopped  = fleet.Errorf(fleet.CodeUnavailable, "the broker is stopping: try again when it is back")
)

func invalidTopic(topic string) error {
	return fleet.Errorf(fleet.CodeInvalid, "%q is no topic that the server publishes on: want a command or the desired twin of a device", clip([]byte(topic)))
}

// listenForCuts follows what other parts announce: rights that end, facts that change.
func (s *Service) listenForCuts() error {
	stop, err := bus.Listen(s.Bus, bus.TopicCut, s.cut)
	if err != nil {
		return err
	}
	s.unlisten = append(s.unlisten, stop)
	stop, err = bus.Listen(s.Bus, bus.TopicChanged, func(ch bus.Changed) {
		switch ch.Kind {
		case "device", "account", "type":
		case "ban":
			s.bansChanged()
			return
		default:
			return
		}
		s.cuts.Add(1)
		if ch.Kind != "account" {
			s.facts.forget(s, ch)
		}
		select {
		case s.renew <- ch:
		case <-s.stopped:
		}
	})
	if err == nil {
		s.unlisten = append(s.unlisten, stop)
	}
	return err
}

// cut ends the live sessions of a subject, or of one of its certificates, at once.
func (s *Service) cut(x bus.Cut) {
	s.cuts.Add(1)
	n := 0
	for _, c := range s.connections(x.SubjectKind, x.SubjectID) {
		if x.Certificate == "" || strings.EqualFold(c.serial, x.Certificate) {
			c.cut(x.Reason)
			n++
		}
	}
	if n > 0 {
		s.reportCut(x.SubjectKind, x.SubjectID, x.Reason, n)
	}
	select {
	case s.renew <- bus.Changed{Kind: x.SubjectKind, ID: x.SubjectID}: // the session of a retired device goes too
	case <-s.stopped:
	}
}

func (c *conn) cut(reason string) {
	c.barred.Store(true)
	c.end(packet.AdministrativeAction, reason)
}

func (s *Service) reportCut(kind, id, reason string, n int) {
	s.count.cut.Add(int64(n))
	s.publish("session.cut", fleet.Server("broker"), map[string]any{"subject": kind + "/" + id, "subjectKind": kind, "subjectId": id, "reason": reason, "sessions": n})
}

func (s *Service) connections(kind, id string) []*conn {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return keys(s.subjects[kind+"/"+id])
}

// renewClients reads clients anew whose facts changed, away from the goroutine that brings announcements.
func (s *Service) renewClients() {
	for {
		select {
		case <-s.stopped:
			return
		case ch := <-s.renew:
			for _, who := range s.meant(ch) {
				s.renewClient(who[0], who[1])
			}
		}
	}
}

// meant lists the clients with a session that a change touches.
func (s *Service) meant(ch bus.Changed) (who [][2]string) {
	if ch.Kind != "type" {
		return [][2]string{{ch.Kind, ch.ID}}
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, conns := range s.subjects {
		for c := range conns {
			if c.live.Load() && c.client.Type != nil && c.client.Type.Name == ch.ID {
				who = append(who, [2]string{c.client.Kind, c.client.ID})
				break
			}
		}
	}
	return who
}

// renewClient judges a client's live sessions anew: those it may not hold any longer are cut, the others get a new ACL. The
// stored sessions of a device that is no more are discarded.
func (s *Service) renewClient(kind, id string) {
	ctx, cancel := context.WithTimeout(context.Background(), storeTry)
	defer cancel()
	client, err := s.Directory.Client(ctx, kind, id)
	gone := fleet.CodeOf(err) == fleet.CodeNotFound || client.State == fleet.Retired
	if err != nil && !gone {
		s.Log.Error("changed client not looked up: its sessions are cut to be safe", "kind", kind, "id", id, "error", err)
	}
	reason, a := "", (*acl)(nil)
	switch r := mayNot(client); {
	case err != nil:
		reason = "its rights cannot be read"
	case r != nil:
		reason = r.detail
	default:
		if a = s.compile(client); a == nil {
			reason = "the account has no role that uses MQTT"
		}
	}
	n := 0
	for _, c := range s.connections(kind, id) {
		old := c.acl.Load()
		switch {
		case a == nil:
			c.cut(reason)
			n++
		case old != nil && a.quarantined && !old.quarantined:
			reason = "device is quarantined"
			c.cut(reason)
			n++
		default:
			c.acl.Store(a)
		}
	}
	if n > 0 {
		s.reportCut(kind, id, reason, n)
	}
	s.renewSessions(kind, id, a, gone)
}

func (s *Service) renewSessions(kind, id string, a *acl, gone bool) {
	s.mu.RLock()
	own := keys(s.owned[kind+"/"+id])
	s.mu.RUnlock()
	for _, ss := range own {
		if gone {
			ss.forgetWill()
			s.discard(ss)
			continue
		}
		ss.applyACL(a)
	}
}

func (ss *session) forgetWill() {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	ss.will = nil
}
