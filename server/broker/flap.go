package broker

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/broker/packet"
)

// flapsMost is how many identities are watched at once; all of them are real ones, with a certificate.
const flapsMost = 1 << 20

// flap is how often an identity connected: a bucket of connections, and how often it was found empty.
type flap struct {
	tokens  float64
	refused int
	at      time.Time
}

// flaps watches identities that connect over and over. Whoever loses its network and comes back is far below the limit; a
// program that crashes in its first second, or two with one client id that push each other out, are not.
type flaps struct {
	mu sync.Mutex
	by map[string]*flap
}

// connect takes one connection from an identity's bucket of burst, which fills within window. refused says how often it was
// empty since it was last full.
func (f *flaps) connect(subject string, burst int, window time.Duration, now time.Time) (refused int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	at := f.by[subject]
	if at == nil {
		if len(f.by) >= flapsMost {
			return 0
		}
		at = &flap{tokens: float64(burst), at: now}
		f.by[subject] = at
	}
	at.fill(burst, window, now)
	if at.tokens < 1 {
		at.refused++
		return at.refused
	}
	at.tokens--
	return 0
}

func (f *flap) fill(burst int, window time.Duration, now time.Time) {
	if gone := now.Sub(f.at); gone > 0 {
		f.tokens = min(f.tokens+float64(burst)*gone.Seconds()/window.Seconds(), float64(burst))
		f.at = now
	}
	if f.tokens >= float64(burst) {
		f.refused = 0
	}
}

// sweep forgets those that have been calm for a window.
func (f *flaps) sweep(window time.Duration, now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for subject, at := range f.by {
		if now.Sub(at.at) >= window {
			delete(f.by, subject)
		}
	}
}

// flapping refuses an identity that connects more often than it may, and has it banned for a while when that does not help.
func (s *Service) flapping(c *conn) *refusal {
	if c.transport == "https" { // every request may be a guest of its own: what it sends is limited, not that it comes
		return nil
	}
	l := s.Limits.Connects
	burst := l.Identity
	if c.client.Kind != BanDevice {
		burst += s.Limits.SessionsPerAccount // all of its programs may start at once
	}
	n := s.flaps.connect(c.subject, burst, l.Window, s.Clock.Now())
	if n == 0 {
		return nil
	}
	detail := fmt.Sprintf("more than %d connections within %v: wait longer between them", burst, l.Window)
	s.refuse.report("flapping "+c.subject, "client.flapping", c.party, map[string]any{"client": c.clientID, "connects": burst, "seconds": int(l.Window.Seconds()), "refused": n})
	if n == l.Identity {
		s.banSoon(Ban{Kind: c.client.Kind, Target: c.client.ID, Cause: causeFlapping, Reason: fmt.Sprintf("connected more than %d times within %v and went on", burst, l.Window)})
	}
	return &refusal{packet.ConnectionRateExceeded, "flapping", detail}
}

// abused has an address banned for a while after too many failed handshakes.
func (s *Service) abused(a netip.Addr) {
	p := placeOf(a)
	if !p.IsValid() {
		return
	}
	s.banSoon(Ban{Kind: BanAddress, Target: p.String(), Cause: causeHandshakes, Reason: fmt.Sprintf("%d handshakes failed within a minute, and nobody is connected from there", s.Limits.Connects.Failures)})
}

// banSoon hands a ban of the platform's own to the goroutine that places them; when that has enough to do, the limits go on
// holding the client without a ban.
func (s *Service) banSoon(b Ban) {
	select {
	case s.banNow <- b:
	default:
	}
}

// placeBans places the platform's own bans, each longer than the one before.
func (s *Service) placeBans() {
	for {
		select {
		case <-s.stopped:
			return
		case b := <-s.banNow:
			if err := s.banForAWhile(b); err != nil && fleet.CodeOf(err) != fleet.CodeInvalid { // of an address that is never banned
				s.Log.Error("ban not placed", "target", b.Kind+" "+b.Target, "error", err)
			}
		}
	}
}

// bansRemembered is for how long an earlier ban makes the next one longer.
const bansRemembered = 7 * 24 * time.Hour

func (s *Service) banForAWhile(b Ban) error {
	if s.DB == nil || s.isBanned(b) {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), storeTry)
	defer cancel()
	n, err := s.earlierBans(ctx, b.Kind, b.Target, s.Clock.Now().Add(-bansRemembered))
	if err != nil {
		return err
	}
	lasts := s.Limits.Connects.Ban << min(n, 16)
	_, err = s.placeBan(ctx, b, min(lasts, s.Limits.Connects.LongestBan), fleet.Server("broker"))
	return err
}

// isBanned reports whether the target of a ban is banned already.
func (s *Service) isBanned(b Ban) bool {
	l, now := s.bans.Load(), s.Clock.Now()
	if b.Kind != BanAddress {
		return l.subject(b.Kind+"/"+b.Target, now) != nil
	}
	p, err := netip.ParsePrefix(b.Target)
	return err != nil || l.address(p.Addr(), now) != nil
}
