package posture

import (
	"context"
	"errors"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
	"github.com/thingward/thingward/server/store"
)

// runControl makes a control's checks and self-tests now. Who asked for it is recorded first.
func (s *Service) runControl(ctx context.Context, in *controlInput) (*api.One[ControlView], error) {
	c, err := s.find(in.ID)
	if err != nil {
		return nil, err
	}
	if len(c.checks) == 0 {
		return nil, fleet.Errorf(fleet.CodeConflict, "%s has no checks yet. %s", c.def.ID, c.def.Missing)
	}
	now := s.Clock.Now()
	err = s.DB.Change(ctx, func(tx *store.Tx) error {
		return s.Audit.Record(tx, fleet.NewEvent("control.run", now, access.PartyOf(ctx), fleet.Party{Kind: "control", ID: c.def.ID, Name: c.def.Title},
			map[string]any{"control": c.def.ID, "checks": len(c.checks)}))
	})
	if err != nil {
		return nil, err
	}
	if err := s.Evaluate(ctx, c.def.ID); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c.run = now
	return &api.One[ControlView]{Body: s.view(c)}, nil
}

// Evaluate looks anew at every subject of a control's checks, makes its self-tests and rolls up.
func (s *Service) Evaluate(ctx context.Context, id string) error {
	c, err := s.find(id)
	if err != nil {
		return err
	}
	var errs []error
	done := map[Kind]bool{}
	for _, i := range c.checks {
		kind := s.Checks[i].Subject
		if src := s.sources[kind]; src != nil && !done[kind] {
			errs = append(errs, s.lookAll(ctx, src))
		}
		done[kind] = true
	}
	if done[SelfTest] {
		errs = append(errs, s.testSome(ctx, func(i int) bool { return s.Gates[i].Control == c.def.ID }))
	}
	return errors.Join(append(errs, s.rollUpSome(ctx, func(o *control) bool { return o == c }))...)
}

// lookAll looks at every subject of a source and at those that it no longer has, ahead of whatever waits.
func (s *Service) lookAll(ctx context.Context, src Source) error {
	there := map[string]bool{}
	err := src.Each(ctx, func(f Facts) error {
		there[f.Ref().ID] = true
		return ctx.Err()
	})
	p := s.state.populations[src.Kind()]
	if err != nil || p == nil {
		return err
	}
	s.mu.Lock()
	for id := range p.subjects {
		there[id] = true
	}
	s.mu.Unlock()
	for id := range there {
		if err := s.look(ctx, job{Ref{Kind: p.kind, ID: id}, quiet}); err != nil {
			return err
		}
	}
	s.mu.Lock()
	p.complete, p.failing = true, ""
	s.mu.Unlock()
	return nil
}

// queueAll queues every subject of a source.
func (s *Service) queueAll(ctx context.Context, src Source, m mode) error {
	return src.Each(ctx, func(f Facts) error {
		s.queue.add(f.Ref(), m)
		return ctx.Err()
	})
}
