package posture

import (
	"context"
	"errors"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

const (
	workMost   = 256              // subjects that are looked at before controls are rolled up
	retryAfter = 30 * time.Second // when a source failed
	flushEvery = time.Second
	idleMost   = 5 * time.Second // how long the loop sleeps at most, so that a clock that is moved is noticed
)

// Changed says that the facts of a subject changed. It does not wait.
func (s *Service) Changed(kind Kind, id string) { s.queue.add(Ref{Kind: kind, ID: id}, follow) }

// workLoop looks at subjects as they change or fall due.
func (s *Service) workLoop(ctx context.Context) error {
	flushed := s.Clock.Now()
	for ctx.Err() == nil {
		more := s.step(ctx)
		if now := s.Clock.Now(); !more || now.Sub(flushed) >= flushEvery {
			if err := s.flush(ctx); err != nil && ctx.Err() == nil {
				s.Log.Error("observations not written, trying again", "error", err)
			}
			flushed = now
		}
		if more {
			continue
		}
		before, wait := s.Clock.Now(), s.sleep()
		select {
		case <-ctx.Done():
		case <-s.queue.wake:
		case <-s.Clock.After(wait):
			s.watchClock(ctx, wait, s.Clock.Now().Sub(before))
		}
	}
	return nil
}

// step looks at a bounded number of subjects and rolls up what they changed; more tells that others wait.
func (s *Service) step(ctx context.Context) (more bool) {
	s.checkClock()
	if err := s.endExceptions(ctx); err != nil && ctx.Err() == nil {
		s.Log.Error("the end of an exception was not recorded, trying again", "error", err)
	}
	s.takeDue()
	for range workMost {
		j, ok := s.queue.next()
		if !ok {
			break
		}
		if err := s.look(ctx, j); err != nil && ctx.Err() == nil {
			s.Log.Warn("facts not read", "kind", j.Kind, "id", j.ID, "error", err)
		}
	}
	if s.isReady() {
		if err := s.rollUp(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("control changes not recorded, trying again", "error", err)
			s.queue.touch()
		}
	}
	return s.queue.waiting()
}

// Settle looks at whatever changed or fell due until nothing waits.
func (s *Service) Settle(ctx context.Context) {
	for s.step(ctx) && ctx.Err() == nil {
	}
}

func (s *Service) isReady() bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.ready
}

// sleep is how long nothing falls due.
func (s *Service) sleep() time.Duration {
	s.mu.RLock()
	defer s.mu.RUnlock()
	now, wait := store.Time(s.Clock.Now()), idleMost
	if at := s.nextEnd(); at != 0 {
		wait = min(wait, time.Duration(max(at-now, 0))*time.Microsecond)
	}
	for _, p := range s.state.populations {
		if at := p.next(); at != 0 {
			wait = min(wait, time.Duration(max(at-now, 0))*time.Microsecond)
		}
	}
	return max(wait, time.Millisecond)
}

// takeDue queues subjects of which an observation has ended. Gates have their own loop.
func (s *Service) takeDue() {
	now := store.Time(s.Clock.Now())
	s.mu.Lock()
	defer s.mu.Unlock()
	for kind, p := range s.state.populations {
		if kind == SelfTest {
			continue
		}
		for _, id := range p.dueNow(now, workMost) {
			s.queue.add(Ref{Kind: kind, ID: id}, quiet)
		}
	}
}

// look reads a subject and applies what its checks say.
func (s *Service) look(ctx context.Context, j job) error {
	if j.Kind == Type && j.mode == follow {
		s.fanOut(j.ID)
	}
	if j.mode == follow {
		s.reach(ctx, j.Ref)
	}
	p, src := s.state.populations[j.Kind], s.sources[j.Kind]
	if src == nil {
		return nil // a kind that nothing here evaluates
	}
	s.work.Lock()
	defer s.work.Unlock()
	f, ok, err := src.One(ctx, j.ID)
	switch {
	case err != nil:
		s.unread(p, j.ID, err)
		return err
	case !ok:
		s.gone(p, j.ID)
		return nil
	}
	if j.mode == follow {
		for _, r := range f.Touches() {
			s.queue.add(r, touched)
		}
	}
	if p != nil {
		s.observe(p, f)
	}
	return nil
}

// observe evaluates a subject now and applies the verdicts.
func (s *Service) observe(p *population, f Facts) {
	now := s.Clock.Now()
	verdicts := s.evaluate(p, f, now, nil)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.apply(p, p.of(f), verdicts, store.Time(now))
}

// fanOut queues the devices of a type that changed, behind whatever is urgent.
func (s *Service) fanOut(typ string) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	p := s.state.populations[Device]
	if p == nil {
		return
	}
	for _, sub := range p.subjects {
		if sub.typ == typ {
			s.queue.add(sub.Ref, quiet)
		}
	}
}

// unread notes that a subject could not be read: what was observed stands until it ends, and is stale from then on.
func (s *Service) unread(p *population, id string, err error) {
	if errors.Is(err, context.Canceled) || p == nil {
		return
	}
	now := store.Time(s.Clock.Now())
	s.mu.Lock()
	defer s.mu.Unlock()
	sub := p.subjects[id]
	if sub == nil {
		return
	}
	for k := range sub.obs {
		if o := &sub.obs[k]; o.until <= now {
			v := Stale("observed at %s, and the facts could not be read again since", stamp(store.FromTime(sub.observed)))
			if o.status == codeUnknown || o.status == codeNone {
				v = Unknown("the facts could not be read")
			}
			v.Until = store.FromTime(now).Add(retryAfter)
			s.state.set(p, sub, k, v, now)
		}
	}
	p.schedule(sub)
}

// gone forgets a subject that its source no longer has.
func (s *Service) gone(p *population, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p != nil && p.subjects[id] != nil {
		s.state.remove(p, p.subjects[id], store.Time(s.Clock.Now()))
	}
}

// checkClock notices a clock that went back. Observations from the future prove nothing: each is unknown until it is made
// anew.
func (s *Service) checkClock() {
	now := s.Clock.Now()
	again := false
	s.mu.Lock()
	defer func() {
		s.mu.Unlock()
		if again {
			s.lookAgain()
		}
	}()
	if !now.Before(s.latest.Add(-Skew)) {
		if now.After(s.latest) {
			s.latest = now
		}
		return
	}
	s.Log.Error("the clock went back: everything is looked at anew", "from", s.latest, "to", now)
	from := s.latest
	s.latest = now
	at := store.Time(now)
	s.distrust(Unknown("the server's clock went back from %s to %s: not observed since", stamp(from), stamp(now)), at)
	again = true
}

// saw notes an event: the newest of each type that a gate names, and devices whose facts it says have changed.
func (s *Service) saw(ev fleet.Event) {
	s.mu.Lock()
	if seen, ok := s.seen[ev.Type]; ok && ev.Time.After(seen.At) {
		s.seen[ev.Type] = Sighting{Event: ev.Type, At: ev.Time, Count: seen.Count + 1}
	}
	s.mu.Unlock()
	switch ev.Type {
	case "account.shared":
		s.sawSharing(ev)
	case "device.silent", "device.heard", "inventory.changed":
		if id, ok := ev.Data["device"].(string); ok {
			s.Changed(Device, id)
		}
	case "audit.verified", "audit.broken", "alert.delivered", "alert.undelivered", "route.changed", "configuration.weakened":
		s.Changed(Server, "thingward")
	}
}

// Sighting is the newest real event of a type that a gate names, since this process started.
type Sighting struct {
	Event string    `json:"event"`
	At    time.Time `json:"at"`
	Count int       `json:"count"`
}
