package risk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
	"github.com/thingward/thingward/server/store"
)

// step is one change of a risk: what it says in the audit log and in the history.
type step struct {
	event string
	data  map[string]any
	what  string
}

// errSame ends a change that changes nothing.
var errSame = errors.New("nothing changed")

// change runs fn on the present version of a risk, writes what it became and records it, all in one transaction.
func (s *Service) change(ctx context.Context, ref, ifMatch string, fn func(r *Risk) (step, error)) (Risk, error) {
	var out Risk
	gone, err := s.gone(ctx, ref)
	if err != nil {
		return out, err
	}
	err = s.DB.Change(ctx, func(tx *store.Tx) error {
		before, err := find(tx.QueryRow, ref)
		if gone != nil && fleet.CodeOf(err) == fleet.CodeNotFound {
			before, err = *gone, nil
		}
		if err != nil {
			return err
		}
		out = before
		if err := api.CheckMatch(ifMatch, before.Version); err != nil {
			return err
		}
		r := before.clone()
		st, err := fn(&r)
		if err != nil {
			return err
		}
		r.Version, r.Changed = before.Version+1, s.Clock.Now()
		if err := update(tx, before.Version, r, person(ctx).Name, st.what); err != nil {
			return err
		}
		out = r
		tx.OnCommit(func() { s.announce(r) })
		if st.data["digest"], err = stored(tx, r.ID); err != nil {
			return err
		}
		return s.Audit.Record(tx, s.event(ctx, st.event, r, st.data))
	})
	if errors.Is(err, errSame) {
		err = nil
	}
	return out, err
}

// gone is a risk that was removed from the database, for a person to put back with a change; nil where it is there, or where
// nothing is left of it.
func (s *Service) gone(ctx context.Context, ref string) (*Risk, error) {
	one, err := s.One(ctx, ref)
	if err != nil || !one.lost {
		return nil, err
	}
	return &one.Risk, nil
}

// Change replaces what a person says about an open risk. A change of more than its title, source or owner undoes the
// decision: it was made about another risk.
func (s *Service) Change(ctx context.Context, ref, ifMatch string, t Text) (Risk, error) {
	if err := s.complete(ctx, &t); err != nil {
		return Risk{}, err
	}
	return s.change(ctx, ref, ifMatch, func(r *Risk) (step, error) {
		if err := r.mustBeOpen(); err != nil {
			return step{}, err
		}
		fields, rated := t.differs(r)
		if len(fields) == 0 {
			return step{}, errSame
		}
		t.into(r)
		what := "changed " + strings.Join(fields, ", ")
		if rated {
			r.Rated = person(ctx)
			if r.Decision != nil {
				r.Decision, what = nil, what+"; its decision no longer holds"
				fields = append(fields, "decision")
			}
		}
		if r.Decision != nil && sameName(r.Decision.Decider.Name, r.Owner) {
			return step{}, fleet.Invalid("owner", fmt.Sprintf("%s decided this risk: give another owner, or have it decided anew by somebody else first", r.Owner))
		}
		return step{"risk.changed", map[string]any{"fields": fields}, what}, nil
	})
}

// differs names the fields that t would change, and whether the risk would become another one.
func (t Text) differs(r *Risk) (fields []string, rated bool) {
	for _, f := range []struct {
		name  string
		same  bool
		rates bool
	}{
		{"title", t.Title == r.Title, false},
		{"source", t.Source == r.Source, false},
		{"owner", t.Owner == r.Owner, false},
		{"asset", t.Asset == r.Asset, true},
		{"system", t.System == r.System, true},
		{"site", t.Site == r.Site, true},
		{"scopes", slices.Equal(t.Scopes, r.Scopes), true},
		{"threat", t.Threat == r.Threat, true},
		{"vulnerability", t.Vulnerability == r.Vulnerability, true},
		{"likelihood", t.Likelihood == r.Likelihood, true},
		{"impact", t.Impact == r.Impact, true},
		{"safety", t.Safety == r.Safety, true},
	} {
		if !f.same {
			fields = append(fields, f.name)
			rated = rated || f.rates
		}
	}
	return fields, rated
}

func (r *Risk) mustBeOpen() error {
	if r.State != Open {
		return fleet.Errorf(fleet.CodeConflict, "this risk was closed on %s: enter a new one if it is back", r.Closing.At.UTC().Format("2006-01-02"))
	}
	return nil
}

// sameName compares account names, which differ in more than case.
func sameName(a, b string) bool { return strings.EqualFold(a, b) }

// independent refuses a caller who has a part in the risk: who entered or rated it, who owns it, or is one of the others
// named. A program cannot decide either: somebody must answer for it.
func (s *Service) independent(ctx context.Context, r *Risk, what string, others ...Person) error {
	by := access.PartyOf(ctx)
	if by.Kind != string(access.Person) {
		return fleet.Errorf(fleet.CodeForbidden, "only a person may %s: sign in as one", what)
	}
	for _, o := range append([]Person{r.Entered, r.Rated, {Name: r.Owner}}, others...) {
		if (o.ID != "" && o.ID == by.ID) || sameName(o.Name, by.Name) {
			return fleet.Errorf(fleet.CodeForbidden, "%s entered, rated or owns this risk or what is to be decided, and so may not %s: ask another risk manager", by.Name, what)
		}
	}
	return nil
}
