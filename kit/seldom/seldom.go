// Package seldom lets something happen at most once in a while for each key, and counts what it held back. What a hostile
// device can cause any number of times is reported through it.
package seldom

import (
	"sync"
	"time"

	"github.com/thingward/thingward/kit/clock"
)

// Gate opens once per interval for each key. Its memory is bounded: when more than a given number of keys are known, the
// ones whose interval has passed are forgotten, and if none has, all are. It is safe for use by many goroutines.
type Gate struct {
	clock clock.Clock
	every time.Duration
	most  int
	mu    sync.Mutex
	keys  map[string]*state
}

type state struct {
	until time.Time
	held  int
}

// NewGate makes a gate that opens once per interval and knows at most so many keys.
func NewGate(c clock.Clock, every time.Duration, most int) *Gate {
	return &Gate{clock: c, every: every, most: most, keys: map[string]*state{}}
}

// Open reports whether the gate is open for key, closing it for the interval. held is how often it was found closed since
// it was last open.
func (g *Gate) Open(key string) (held int, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.clock.Now()
	s := g.keys[key]
	if s != nil && now.Before(s.until) {
		s.held++
		return 0, false
	}
	if s == nil {
		g.makeRoom(now)
		s = &state{}
		g.keys[key] = s
	}
	held, s.held, s.until = s.held, 0, now.Add(g.every)
	return held, true
}

func (g *Gate) makeRoom(now time.Time) {
	if len(g.keys) < g.most {
		return
	}
	for k, s := range g.keys {
		if !now.Before(s.until) {
			delete(g.keys, k)
		}
	}
	if len(g.keys) >= g.most {
		clear(g.keys)
	}
}
