package posture

import (
	"context"
	"time"

	"github.com/thingward/thingward/server/store"
)

// standsAfter is how long the loop may wait without the clock going on before the clock counts as standing still.
const standsAfter = time.Minute

// standsStill is the verdict about anything while the clock stands still: no age can be judged, and nothing ends.
func standsStill(since time.Time) Verdict {
	return Unknown("the server's clock stands still at %s: how old anything is cannot be judged", stamp(since))
}

func (s *Service) stoodSince() time.Time {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.stood
}

// watchClock is told each time the loop has waited for wait, which timers measure without the clock, and how far the clock went
// meanwhile.
func (s *Service) watchClock(ctx context.Context, wait, went time.Duration) {
	switch {
	case went >= wait/2:
		s.mu.Lock()
		stood := !s.stood.IsZero()
		s.stood, s.still = time.Time{}, 0
		s.mu.Unlock()
		if stood {
			s.Log.Info("the clock goes again: everything is looked at anew")
			s.lookAgain()
		}
	case s.waitedStill(wait) >= standsAfter && s.stoodSince().IsZero():
		now := s.Clock.Now()
		s.Log.ErrorContext(ctx, "the clock stands still: nothing can be judged until it goes again", "at", now)
		s.mu.Lock()
		s.stood = now
		s.distrust(standsStill(now), store.Time(now))
		s.mu.Unlock()
	}
}

func (s *Service) waitedStill(wait time.Duration) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.still += wait
	return s.still
}

// distrust makes every observation what v says. The caller holds mu.
func (s *Service) distrust(v Verdict, at int64) {
	for _, p := range s.state.populations {
		p.due = nil
		for _, sub := range p.subjects {
			for k := range sub.obs {
				if sub.obs[k].status != codeNone {
					s.state.set(p, sub, k, v, at)
				}
			}
			sub.until = 0
			p.schedule(sub)
		}
	}
}

// lookAgain queues every subject and every gate.
func (s *Service) lookAgain() {
	s.mu.Lock()
	for kind, p := range s.state.populations {
		if kind == SelfTest {
			continue
		}
		for _, sub := range p.subjects {
			s.queue.add(sub.Ref, quiet)
		}
	}
	s.mu.Unlock()
	s.queue.gates()
}
