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
)

// gate bounds what enrolment may cost: how many run at once, and how often one address may fail. Claims cannot be guessed;
// the second bound keeps a broken or hostile client from filling the event stream.
type gate struct {
	slots  chan struct{}
	mu     sync.Mutex
	failed map[string]*rate.Limiter
	clock  clock.Clock
}

func newGate(c clock.Clock) *gate {
	return &gate{slots: make(chan struct{}, enrolmentsMost), failed: map[string]*rate.Limiter{}, clock: c}
}

// enter lets an enrolment in or says when to come back.
func (g *gate) enter(address string) (leave func(), err error) {
	if g.shut(address) {
		e := fleet.Errorf(fleet.CodeUnavailable, "too many enrolments from this address were refused: mend what the refusals said, and try again later")
		e.RetryAfter = failuresBurst * failuresEvery
		return nil, e
	}
	select {
	case g.slots <- struct{}{}:
		return func() { <-g.slots }, nil
	default:
		e := fleet.Errorf(fleet.CodeUnavailable, "too many enrolments run at once: try again")
		e.RetryAfter = time.Second
		return nil, e
	}
}

func (g *gate) shut(address string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	l := g.failed[address]
	return l != nil && l.TokensAt(g.clock.Now()) < 1
}

// fail counts a refused enrolment of an address.
func (g *gate) fail(address string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	l := g.failed[address]
	if l == nil {
		if len(g.failed) >= addressesMost {
			clear(g.failed)
		}
		l = rate.NewLimiter(rate.Every(failuresEvery), failuresBurst)
		g.failed[address] = l
	}
	l.AllowN(g.clock.Now(), 1)
}
