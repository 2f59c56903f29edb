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
			errs = append(errs, s.queueAll(ctx, src))
		}
		done[kind] = true
	}
	s.Settle(ctx)
	if done[SelfTest] {
		errs = append(errs, s.testControl(ctx, id))
	}
	return errors.Join(errs...)
}

// queueAll queues every subject of a source.
func (s *Service) queueAll(ctx context.Context, src Source) error {
	return src.Each(ctx, func(f Facts) error {
		s.queue.add(f.Ref(), quiet)
		return ctx.Err()
	})
}

func (s *Service) testControl(ctx context.Context, id string) error {
	s.gating.Lock()
	defer s.gating.Unlock()
	return s.testSome(ctx, func(i int) bool { return s.Gates[i].Control == id })
}
