package broker

import (
	"net/netip"
	"sync"
	"time"
)

const (
	placesMost  = 1 << 17 // addresses told apart; beyond, newcomers share one
	placeSample = 32      // addresses looked at for one that can be forgotten
	rateBurst   = 10      // seconds' worth of connections that may come at once
)

// place is what is known of an address: a host in IPv4, a /64 in IPv6, since whoever has one address of a /64 has them all.
type place struct {
	conns    int     // open connections
	live     int     // those that are past CONNACK
	tokens   float64 // connections it may still open
	failures float64 // handshakes that failed, fading over a minute
	at       time.Time
}

// places count connections by address, in bounded memory.
type places struct {
	limits Limits
	mu     sync.Mutex
	by     map[netip.Prefix]*place
	all    place // of every address together: tokens only
	rest   place // of those for which there is no room
}

// newPlaces makes an empty count.
func newPlaces(l Limits, now time.Time) *places {
	p := &places{limits: l, by: map[netip.Prefix]*place{}}
	p.all.fresh(l.Connects.Global, now)
	p.rest.fresh(l.Connects.Address, now)
	return p
}

// placeOf is the key under which an address is counted.
func placeOf(a netip.Addr) netip.Prefix {
	bits := 64
	if a.Is4() {
		bits = 32
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return netip.Prefix{} // what has no address is counted together
	}
	return p
}

func (p *place) fresh(rate float64, now time.Time) { p.tokens, p.at = rate*rateBurst, now }

// fill gives what time has brought.
func (p *place) fill(rate float64, now time.Time) {
	if gone := now.Sub(p.at).Seconds(); gone > 0 {
		p.tokens = min(p.tokens+gone*rate, rate*rateBurst)
		p.failures = max(p.failures-p.failures*min(gone/60, 1), 0)
		p.at = now
	}
}

// idle reports whether nothing would be lost by forgetting the place.
func (p *place) idle(rate float64, now time.Time) bool {
	p.fill(rate, now)
	return p.conns == 0 && p.failures < 1 && p.tokens >= rate*rateBurst
}

// find is the place under key; it makes room by forgetting idle ones.
func (p *places) find(key netip.Prefix, now time.Time) *place {
	if at := p.by[key]; at != nil {
		return at
	}
	if len(p.by) >= placesMost {
		p.forgetSome(now)
	}
	if len(p.by) >= placesMost {
		return &p.rest
	}
	at := &place{}
	at.fresh(p.limits.Connects.Address, now)
	p.by[key] = at
	return at
}

func (p *places) forgetSome(now time.Time) {
	seen := 0
	for key, at := range p.by {
		if at.idle(p.limits.Connects.Address, now) {
			delete(p.by, key)
		}
		if seen++; seen >= placeSample {
			return
		}
	}
}

// arrive counts a connection in, or says why it is refused. What was counted in must leave with the place it got.
func (p *places) arrive(key netip.Prefix, now time.Time) (at *place, reason string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at = p.find(key, now)
	at.fill(p.limits.Connects.Address, now)
	p.all.fill(p.limits.Connects.Global, now)
	switch {
	case at.conns >= p.limits.ConnectionsPerAddress:
		return nil, reasonManyHere
	case at.tokens < 1:
		return nil, reasonRateHere
	case p.all.tokens < 1:
		return nil, reasonRateAll
	}
	at.tokens--
	p.all.tokens--
	at.conns++
	return at, ""
}

// leave counts a connection out.
func (p *places) leave(at *place, live bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at.conns--
	if live {
		at.live--
	}
}

// joined counts a connection as live.
func (p *places) joined(at *place) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at.live++
}

// failed counts a handshake that failed. abuse is true when there were so many that the place is to be banned; never while
// somebody honest is connected from there.
func (p *places) failed(at *place, now time.Time) (abuse bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at.fill(p.limits.Connects.Address, now)
	if at.failures++; at == &p.rest || at.live > 0 || int(at.failures) < p.limits.Connects.Failures {
		return false
	}
	at.failures = 0
	return true
}

// sweep forgets places that nothing is known of.
func (p *places) sweep(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for key, at := range p.by {
		if at.idle(p.limits.Connects.Address, now) {
			delete(p.by, key)
		}
	}
}

// Why a connection is refused before TLS.
const (
	reasonManyHere = "too-many-from-address"
	reasonRateHere = "address-rate"
	reasonRateAll  = "global-rate"
	reasonCrowded  = "handshakes-waiting"
	reasonFull     = "full"
)
