package broker

import (
	"context"
	"net/netip"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/broker/packet"
)

// bansReread is how often the list is read again, in case an announcement was missed.
const bansReread = time.Minute

// banList is every ban in force, as it was read. It is never changed, only replaced.
type banList struct {
	subjects map[string]*Ban       // kind/id
	prefixes map[netip.Prefix]*Ban // masked
	bits     []uint8               // lengths of prefixes, as lengthOf numbers them
}

// newBanList sorts bans by target; of several on one target the one that lasts longest counts.
func newBanList(all []*Ban) *banList {
	l := &banList{subjects: map[string]*Ban{}, prefixes: map[netip.Prefix]*Ban{}}
	var seen [33 + 129]bool
	for _, b := range all {
		if b.Kind != BanAddress {
			if key := b.Kind + "/" + b.Target; longer(b, l.subjects[key]) {
				l.subjects[key] = b
			}
			continue
		}
		p, err := netip.ParsePrefix(b.Target)
		if err != nil || !longer(b, l.prefixes[p]) {
			continue // it was checked when it was placed
		}
		l.prefixes[p] = b
		if n := lengthOf(p); !seen[n] {
			seen[n] = true
			l.bits = append(l.bits, n)
		}
	}
	return l
}

// lengthOf numbers the lengths of prefixes of both families: 0 to 32, and from 33 on those of IPv6.
func lengthOf(p netip.Prefix) uint8 {
	if p.Addr().Is4() {
		return uint8(p.Bits())
	}
	return uint8(33 + p.Bits())
}

// longer reports whether a lasts longer than b.
func longer(a, b *Ban) bool {
	return b == nil || (b.Until != nil && (a.Until == nil || a.Until.After(*b.Until)))
}

// subject is the ban on an identity, nil for none.
func (l *banList) subject(key string, now time.Time) *Ban {
	if b := l.subjects[key]; b != nil && b.inForce(now) {
		return b
	}
	return nil
}

// address is the ban on an address, nil for none. It costs one lookup for each length of prefix that is banned.
func (l *banList) address(a netip.Addr, now time.Time) *Ban {
	for _, n := range l.bits {
		if (n <= 32) != a.Is4() {
			continue
		}
		if n > 32 {
			n -= 33
		}
		if p, err := a.Prefix(int(n)); err == nil {
			if b := l.prefixes[p]; b != nil && b.inForce(now) {
				return b
			}
		}
	}
	return nil
}

// takeBans reads the bans in force and cuts the live sessions of whoever is banned.
func (s *Service) takeBans(ctx context.Context) {
	s.banning.Lock() // whoever reads later knows at least as much
	defer s.banning.Unlock()
	ctx, cancel := context.WithTimeout(ctx, storeTry)
	defer cancel()
	all, err := s.readBans(ctx, s.Clock.Now())
	if err != nil {
		s.Log.Error("bans not read: those known before stay in force", "error", err)
		return
	}
	s.bans.Store(newBanList(all))
	s.cuts.Add(1) // whoever is being let in is looked at again
	s.cutBanned()
}

func (s *Service) cutBanned() {
	type who struct{ kind, id, reason string }
	cut := map[who]int{}
	s.mu.RLock()
	conns := keys(s.conns)
	s.mu.RUnlock()
	for _, c := range conns {
		if !c.live.Load() || c.ended.Load() {
			continue
		}
		if b := s.bannedBy(c.subject, c.ip); b != nil {
			c.cut("banned " + b.ends())
			cut[who{c.client.Kind, c.client.ID, "banned: " + b.Reason}]++
		}
	}
	for w, n := range cut {
		s.reportCut(w.kind, w.id, w.reason, n)
	}
}

// bannedBy is the ban on an identity or its address, nil for none.
func (s *Service) bannedBy(subject string, a netip.Addr) *Ban {
	l := s.bans.Load()
	if len(l.subjects)+len(l.prefixes) == 0 {
		return nil
	}
	now := s.Clock.Now()
	if b := l.subject(subject, now); b != nil {
		return b
	}
	return l.address(a, now)
}

// banned refuses a client that is banned, by identity or address. The client learns until when, not why.
func (s *Service) banned(c *conn) *refusal {
	b := s.bannedBy(c.subject, c.ip)
	if b == nil {
		return nil
	}
	s.reportBanned(c, b)
	return &refusal{packet.Banned, reasonBanned, "banned " + b.ends()}
}

const reasonBanned = "banned"

// reportBanned counts and reports an attempt of somebody who is banned.
func (s *Service) reportBanned(c *conn, b *Ban) {
	s.count.banned.Add(1)
	data := map[string]any{"ban": b.ID, "target": b.Kind + " " + b.Target, "transport": c.transport}
	if b.Until != nil {
		data["until"] = b.Until.Format(time.RFC3339)
	}
	if c.clientID != "" {
		data["client"] = c.clientID
	}
	party := c.party
	if c.subject == "" {
		party = fleet.Anonymous(c.address)
	}
	s.refuse.report("ban "+b.ID, "ban.refused", party, data)
}

// followBans keeps the list as the database has it.
func (s *Service) followBans() {
	for {
		select {
		case <-s.stopped:
			return
		case <-s.rebans:
		case <-s.Clock.After(bansReread):
		}
		s.takeBans(context.Background())
	}
}

// bansChanged hears that some node placed or lifted a ban.
func (s *Service) bansChanged() {
	select {
	case s.rebans <- struct{}{}:
	default: // it is about to be read anyway
	}
}
