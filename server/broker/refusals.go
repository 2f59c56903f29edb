package broker

import (
	"sync"
	"time"

	"github.com/thingward/thingward/fleet"
)

const (
	refusalsTold  = 20          // events of one type and client in a window
	refusalWindow = time.Minute // after which the rest is reported as one event with a count
	refusalKeys   = 20_000      // clients and addresses told apart; beyond, they share
)

// refusals reports what was refused, without letting one client flood the event stream: beyond twenty a minute of one type,
// its refusals are counted and reported together.
type refusals struct {
	s      *Service
	mu     sync.Mutex
	told   map[string]*told
	window time.Time
}

type told struct {
	n         int
	typ       string
	initiator fleet.Party
	last      map[string]any
}

func newRefusals(s *Service) *refusals {
	return &refusals{s: s, told: map[string]*told{}, window: s.Clock.Now()}
}

// report publishes an event, or counts it when its key has had its share.
func (r *refusals) report(key, typ string, initiator fleet.Party, data map[string]any) {
	if r.first(key+" "+typ, typ, initiator, data) {
		r.s.publish(typ, initiator, data)
	}
}

func (r *refusals) first(key, typ string, initiator fleet.Party, data map[string]any) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.told[key]
	if t == nil && len(r.told) >= refusalKeys {
		key, initiator = "many "+typ, fleet.Anonymous("")
		t = r.told[key]
	}
	if t == nil {
		t = &told{typ: typ}
		r.told[key] = t
	}
	t.n++
	if t.n <= refusalsTold {
		return true
	}
	t.initiator, t.last = initiator, data
	return false
}

// sweep reports what was only counted, once a window.
func (r *refusals) sweep(now time.Time) {
	r.mu.Lock()
	if now.Sub(r.window) < refusalWindow {
		r.mu.Unlock()
		return
	}
	over := r.told
	r.told, r.window = map[string]*told{}, now
	r.mu.Unlock()
	for _, t := range over {
		if t.n > refusalsTold {
			t.last["count"] = t.n - refusalsTold
			r.s.publish(t.typ, t.initiator, t.last)
		}
	}
}
