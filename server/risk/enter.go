package risk

import (
	"context"
	"fmt"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/store"
)

// Enter adds a risk, undecided. CodeInvalid names what is missing or unknown.
func (s *Service) Enter(ctx context.Context, t Text) (Risk, error) {
	if err := s.complete(ctx, &t); err != nil {
		return Risk{}, err
	}
	now, by := s.Clock.Now(), person(ctx)
	r := Risk{ID: id.New(), State: Open, Entered: by, Rated: by, Mitigations: []Mitigation{}, Links: []Link{}, Created: now, Changed: now, Version: 1}
	t.into(&r)
	err := s.DB.Change(ctx, func(tx *store.Tx) error {
		n, err := countAll(tx)
		switch {
		case err != nil:
			return err
		case n >= mostRisks:
			return fleet.Errorf(fleet.CodeConflict, "the register holds %d risks, which is the most: put several into one", n)
		}
		if err := insert(tx, r, by.Name, "entered"); err != nil {
			return err
		}
		tx.OnCommit(func() { s.announce(r) })
		sum, err := stored(tx, r.ID)
		if err != nil {
			return err
		}
		return s.Audit.Record(tx, s.event(ctx, "risk.created", r, map[string]any{"likelihood": int(r.Likelihood), "impact": int(r.Impact), "digest": sum}))
	})
	return r, err
}

// complete tidies and checks what a person says, and looks up whom and what it names.
func (s *Service) complete(ctx context.Context, t *Text) error {
	t.tidy()
	if err := t.check(); err != nil {
		return err
	}
	return join(s.named(ctx, "system", &t.System), s.named(ctx, "site", &t.Site), s.owner(ctx, "owner", &t.Owner))
}

// named turns a reference into the name that others use; an empty one stays empty.
func (s *Service) named(ctx context.Context, kind string, ref *string) error {
	if *ref == "" {
		return nil
	}
	_, name, ok, err := s.World.Named(ctx, kind, *ref)
	if err != nil {
		return err
	}
	if !ok {
		return fleet.Invalid(kind, fmt.Sprintf("there is no %s %q: GET /api/v1/%ss lists what there is", kind, clip(*ref), kind))
	}
	*ref = name
	return nil
}

// owner checks that a field names a person who can sign in, so that what is owed is owed by somebody.
func (s *Service) owner(ctx context.Context, field string, name *string) error {
	_, known, ok, err := s.World.Named(ctx, "person", *name)
	if err != nil {
		return err
	}
	if !ok {
		return fleet.Invalid(field, fmt.Sprintf("there is no person %q who can sign in: give an account name", clip(*name)))
	}
	*name = known
	return nil
}

// into writes what a person says into a risk.
func (t Text) into(r *Risk) {
	r.Title, r.Asset, r.System, r.Site, r.Scopes = t.Title, t.Asset, t.System, t.Site, t.Scopes
	r.Threat, r.Source, r.Vulnerability = t.Threat, t.Source, t.Vulnerability
	r.Likelihood, r.Impact, r.Level, r.Safety, r.Owner = t.Likelihood, t.Impact, Combine(t.Likelihood, t.Impact), t.Safety, t.Owner
}

func person(ctx context.Context) Person {
	p := access.PartyOf(ctx)
	return Person{p.ID, p.Name}
}
