package broker

import (
	"context"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/broker/packet"
)

// sweepConnections ends connections that are silent, stuck or slow to begin, and reports what was counted.
func (s *Service) sweepConnections() {
	now := s.Clock.Now()
	s.mu.RLock()
	conns := keys(s.conns)
	s.mu.RUnlock()
	for _, c := range conns {
		c.sweep(now)
	}
	s.refuse.sweep(now)
	s.count.sweep(now)
	s.places.sweep(now)
	s.flaps.sweep(s.Limits.Connects.Window, now)
}

// sweepSessions publishes delayed wills, ends sessions whose time is up and saves positions.
func (s *Service) sweepSessions(ctx context.Context) {
	now := s.Clock.Now()
	s.mu.RLock()
	sessions := make([]*session, 0, len(s.sessions))
	for _, ss := range s.sessions {
		sessions = append(sessions, ss)
	}
	s.mu.RUnlock()
	for _, g := range s.shares.list() {
		sessions = append(sessions, g.session)
	}
	for _, ss := range sessions {
		ss.sweep(now)
	}
	s.kept.sweep(now)
	if err := s.savePositions(ctx); err != nil && ctx.Err() == nil {
		s.count.storeErrors.Add(1)
		s.Log.Error("positions not stored: trying again", "error", err)
	}
}

func (c *conn) sweep(now time.Time) {
	quiet := now.Sub(time.Unix(0, c.heard.Load()))
	switch {
	case !c.live.Load():
		if quiet > c.s.Limits.Connect {
			_ = c.raw.Close() // whoever reads it hears of it
		}
	case c.keepAlive > 0 && quiet > c.keepAlive && !c.held.Load():
		c.end(packet.KeepAliveTimeout, "keep-alive timeout")
	}
	if c.stalled(now) > c.s.Limits.Stalled {
		c.end(packet.QuotaExceeded, "client does not read")
		_ = c.raw.Close()
	}
}

// sweep looks after a session between connections.
func (ss *session) sweep(now time.Time) {
	ss.mu.Lock()
	var due *will
	if !ss.willAt.IsZero() && !now.Before(ss.willAt) {
		due, ss.will, ss.willAt = ss.will, nil, time.Time{}
	}
	dropped := ss.dropped
	ss.dropped = 0
	over := !ss.away.IsZero() && now.Sub(ss.away) >= ss.expiry
	ss.mu.Unlock()
	if due != nil {
		ss.s.publishWill(ss, due)
	}
	if dropped > 0 {
		ss.s.count.dropped.Add(int64(dropped))
		who, name := fleet.Party{Kind: partyKind(ss.kind), ID: ss.id}, ss.clientID
		if ss.share != nil {
			who, name = fleet.Server("broker"), "$share/"+ss.id+"/"+ss.clientID
		}
		ss.s.publish("messages.dropped", who, map[string]any{"session": name, "count": dropped, "reason": "more messages waited than the session may keep, or longer than they are kept"})
	}
	if over {
		ss.s.discard(ss)
	}
}
