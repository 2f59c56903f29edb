package server

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/audit/audittest"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/catalogue"
	"github.com/thingward/thingward/server/store/storetest"
)

var started = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// seeded is a world with one subject of each kind, in which a test says what each check finds. What the checks themselves make of
// facts is tested beside each of them; here it is what becomes of their controls.
type seeded struct {
	mu     sync.Mutex
	broken map[string]bool // checks and self-tests that find a violation
}

func (s *seeded) set(id string, broken bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken[id] = broken
}

func (s *seeded) finds(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.broken[id]
}

// Probe makes a self-test find what was seeded.
func (s *seeded) Probe(_ context.Context, name string) (posture.ProbeResult, error) {
	return posture.ProbeResult{Attempted: true, Held: !s.finds(name), Detail: "seeded", At: started}, nil
}

type one struct{ kind posture.Kind }

// Ref names the one subject of a kind.
func (o one) Ref() posture.Ref       { return posture.Ref{Kind: o.kind, ID: "only", Name: "only"} }
func (o one) TypeName() string       { return "" }
func (o one) Touches() []posture.Ref { return nil }
func (o one) Kind() posture.Kind     { return o.kind }
func (o one) Each(_ context.Context, fn func(posture.Facts) error) error {
	return fn(o.facts())
}

func (o one) One(context.Context, string) (posture.Facts, bool, error) { return o.facts(), true, nil }

func (o one) facts() posture.Facts {
	if o.kind == posture.Server {
		return &posture.ServerFacts{Name: "only"}
	}
	return o
}

// seedable replaces what every check of the product makes of facts by what the test seeds.
func seedable(s *seeded) (out []posture.Check, sources []posture.Source) {
	kinds := map[posture.Kind]bool{posture.Server: true}
	for _, c := range checks() {
		id := c.ID
		c.Polled = false
		c.Eval = func(posture.Facts, time.Time) posture.Verdict {
			if s.finds(id) {
				return posture.Fail("seeded violation")
			}
			return posture.Pass("as it must be")
		}
		kinds[c.Subject] = true
		out = append(out, c)
	}
	for k := range kinds {
		sources = append(sources, one{k})
	}
	return out, sources
}

// TestEveryControlIsAlive seeds a violation of every check and self-test of the product, one at a time: its control must turn
// red, and leave red when the violation is put right. A control of which something is not assessed says what is missing and is
// never green; one that is assessed in full is green when nothing is wrong.
func TestEveryControlIsAlive(t *testing.T) {
	ctx := context.Background()
	world := &seeded{broken: map[string]bool{}}
	all, sources := seedable(world)
	cat, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	db, clk := storetest.Open(t), clock.NewFake(started)
	s, err := posture.New(ctx, posture.Config{
		DB: db, Audit: audittest.Open(t, db, nil, clk), Clock: clk, Log: slog.New(slog.DiscardHandler), Catalogue: cat,
		Checks: all, Gates: gates(), Sources: sources, Prober: world,
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	healthy := wholeControls(t, s, cat)
	violate := func(control, id string) {
		t.Helper()
		for _, broken := range []bool{true, false} {
			world.set(id, broken)
			if err := s.Evaluate(ctx, control); err != nil {
				t.Fatal(err)
			}
			got := statusOf(t, s, control)
			if broken && got != fleet.Fail {
				t.Errorf("%s violated: %s is %s", id, control, got)
			}
			if !broken && got != healthy[control] {
				t.Errorf("%s put right: %s is %s, want %s", id, control, got, healthy[control])
			}
		}
	}
	for _, c := range all {
		violate(c.Control, c.ID)
	}
	for _, g := range gates() {
		violate(g.Control, g.Probes[0])
	}
}

// wholeControls checks what nothing but health brings: green where every obligation is assessed, and otherwise not assessed with
// the reason.
func wholeControls(t *testing.T, s *posture.Service, cat *catalogue.Catalogue) map[string]fleet.Status {
	t.Helper()
	answered := map[string]map[string]bool{}
	note := func(control, obligation string) {
		if answered[control] == nil {
			answered[control] = map[string]bool{}
		}
		answered[control][obligation] = true
	}
	for _, c := range checks() {
		note(c.Control, c.Obligation)
	}
	for _, g := range gates() {
		note(g.Control, g.Obligation)
	}
	out := map[string]fleet.Status{}
	for _, c := range cat.Controls() {
		want := fleet.Pass
		if len(answered[c.ID]) < len(c.Obligations) {
			want = fleet.NotAssessed
		}
		if want == fleet.NotAssessed && c.Missing == "" {
			t.Errorf("%s is not assessed in full and does not say what is missing", c.ID)
		}
		if got := statusOf(t, s, c.ID); got != want {
			t.Errorf("%s with nothing wrong is %s, want %s", c.ID, got, want)
		}
		out[c.ID] = want
	}
	return out
}

func statusOf(t *testing.T, s *posture.Service, control string) fleet.Status {
	t.Helper()
	_, views := s.Views()
	for _, v := range views {
		if v.ID == control {
			return v.Status
		}
	}
	t.Fatalf("there is no control %s", control)
	return ""
}
