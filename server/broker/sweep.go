package broker

import (
	"context"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/broker/packet"
)

// sweep does what is due: ends connections that are silent, stuck or slow to begin, publishes delayed wills, ends sessions
// whose time is up, reports what was counted and saves positions.
func (s *Service) sweep(ctx context.Context) {
	now := s.Clock.Now()
	s.mu.RLock()
	conns, sessions := keys(s.conns), make([]*session, 0, len(s.sessions))
	for _, ss := range s.sessions {
		sessions = append(sessions, ss)
	}
	s.mu.RUnlock()
	for _, c := range conns {
		c.sweep(now)
	}
	for _, ss := range sessions {
		ss.sweep(now)
	}
	s.refuse.sweep(now)
	s.count.sweep(now)
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
		ss.s.publish("messages.dropped", fleet.Party{Kind: partyKind(ss.kind), ID: ss.id}, map[string]any{"session": ss.clientID, "count": dropped, "reason": "more messages waited than the session may keep, or longer than they are kept"})
	}
	if over {
		ss.s.discard(ss)
	}
}
