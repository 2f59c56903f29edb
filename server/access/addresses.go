package access

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	addressesKept = 8192             // addresses with a memory of their own; the rest share one
	addressIdle   = 10 * time.Minute // unused, an address is forgotten
	loginBurst    = 20               // failed sign-ins an address may have at once …
	loginEvery    = 3 * time.Second  // … and then one in this time
	reportBurst   = 60               // failures an address gets its own event for at once …
	reportEvery   = time.Second      // … and then one in this time; the others are counted
)

// addresses remembers how much each network address has tried lately. It is a brake in memory only; the lock-out that
// counts is in the database.
type addresses struct {
	mu     sync.Mutex
	known  map[string]*address
	shared *address
}

type address struct {
	login, report *rate.Limiter
	seen          time.Time
	unreported    int
}

func newAddresses() *addresses { return &addresses{known: map[string]*address{}, shared: newAddress()} }

func newAddress() *address {
	return &address{login: rate.NewLimiter(rate.Every(loginEvery), loginBurst), report: rate.NewLimiter(rate.Every(reportEvery), reportBurst)}
}

// of finds an address's memory; the caller holds mu. IPv6 addresses count by their /64, which one customer holds whole.
func (a *addresses) of(addr string, now time.Time) *address {
	key := addr
	if ip, err := netip.ParseAddr(addr); err == nil && ip.Unmap().Is6() {
		if p, err := ip.WithZone("").Prefix(64); err == nil {
			key = p.String()
		}
	}
	one := a.known[key]
	if one == nil {
		if len(a.known) >= addressesKept {
			return a.shared
		}
		one = newAddress()
		a.known[key] = one
	}
	one.seen = now
	return one
}

// mayLogIn reports whether addr may try to sign in now, or how long to wait.
func (a *addresses) mayLogIn(addr string, now time.Time) (wait time.Duration, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if missing := 1 - a.of(addr, now).login.TokensAt(now); missing > 0 {
		return time.Duration(missing * float64(loginEvery)), false
	}
	return 0, true
}

// failed counts a failed sign-in of addr.
func (a *addresses) failed(addr string, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.of(addr, now).login.AllowN(now, 1)
}

// mayReport reports whether a failure of addr gets an event of its own, and how many before it got none.
func (a *addresses) mayReport(addr string, now time.Time) (unreported int, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	one := a.of(addr, now)
	if !one.report.AllowN(now, 1) {
		one.unreported++
		return 0, false
	}
	unreported, one.unreported = one.unreported, 0
	return unreported, true
}

// sweep forgets idle addresses and returns the failures that nobody has been told of, by address.
func (a *addresses) sweep(now time.Time) map[string]int {
	a.mu.Lock()
	defer a.mu.Unlock()
	untold := map[string]int{}
	for key, one := range a.known {
		if one.unreported > 0 {
			untold[key], one.unreported = one.unreported, 0
		}
		if now.Sub(one.seen) > addressIdle {
			delete(a.known, key)
		}
	}
	if a.shared.unreported > 0 {
		untold["many"], a.shared.unreported = a.shared.unreported, 0
	}
	return untold
}
