package identity

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
)

const (
	enrolmentsMost = 512                    // at once; each holds at most maxRequest bytes
	failuresEvery  = 500 * time.Millisecond // an address that fails is let try again at this pace
	failuresBurst  = 60
	addressesMost  = 1 << 14
	reportEvery    = 30 * time.Second
)

// gate bounds what enrolment may cost: how many run at once, and how often one address may fail. Claims cannot be guessed;
// the second bound keeps a broken or hostile client from filling the event stream, so what it turns away is reported
// once in a while with a count.
type gate struct {
	slots chan struct{}
	mu    sync.Mutex
	known map[string]*caller
	clock clock.Clock
}

// caller is an address that failed or was turned away.
type caller struct {
	failures *rate.Limiter
	away     int // turned away since it was last reported
	told     time.Time
}

func newGate(c clock.Clock) *gate {
	return &gate{slots: make(chan struct{}, enrolmentsMost), known: map[string]*caller{}, clock: c}
}

// enter lets an enrolment in or says when to come back; away, when above 0, is how many of this address were turned away
// since the last report, and to be reported.
func (g *gate) enter(address string) (leave func(), away int, err error) {
	if g.shut(address) {
		e := fleet.Errorf(fleet.CodeUnavailable, "too many enrolments from this address were refused: mend what the refusals said, and try again later")
		e.RetryAfter = failuresBurst * failuresEvery
		return nil, g.turnAway(address), e
	}
	select {
	case g.slots <- struct{}{}:
		return func() { <-g.slots }, 0, nil
	default:
		e := fleet.Errorf(fleet.CodeUnavailable, "too many enrolments run at once: try again")
		e.RetryAfter = time.Second
		return nil, g.turnAway(address), e
	}
}

func (g *gate) shut(address string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	c := g.known[address]
	return c != nil && c.failures.TokensAt(g.clock.Now()) < 1
}

// fail counts a refused enrolment of an address.
func (g *gate) fail(address string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.caller(address).failures.AllowN(g.clock.Now(), 1)
}

func (g *gate) turnAway(address string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	c, now := g.caller(address), g.clock.Now()
	c.away++
	if now.Sub(c.told) < reportEvery && !now.Before(c.told) {
		return 0
	}
	away := c.away
	c.told, c.away = now, 0
	return away
}

func (g *gate) caller(address string) *caller {
	c := g.known[address]
	if c == nil {
		if len(g.known) >= addressesMost {
			clear(g.known)
		}
		c = &caller{failures: rate.NewLimiter(rate.Every(failuresEvery), failuresBurst)}
		g.known[address] = c
	}
	return c
}
