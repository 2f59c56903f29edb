package records_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/kit/sealed"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/audit"
	"github.com/thingward/thingward/server/audit/audittest"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/bus/bustest"
	"github.com/thingward/thingward/server/records"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

var start = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

// policy is a kind about the organisation that administrators must acknowledge.
func policy() records.Kind {
	return records.Kind{
		Name: "policy", Title: "Policy", Purpose: "Says what holds.", About: records.Organisation, Life: 365 * day, Readers: records.Administrators,
		Form:    []records.Field{{Name: "scope", Title: "Scope", Type: records.Prose, Least: 10}, {Name: "exceptions", Title: "Exceptions", Type: records.Prose, Optional: true}},
		Example: records.Body{"scope": "Everything that carries a certificate."},
	}
}

// assessment is a kind with one of everything.
func assessment() records.Kind {
	return records.Kind{
		Name: "assessment", Title: "Assessment", About: records.System, Life: 90 * day, Files: records.Files{Least: 1, What: "the report"}, Readers: records.Named,
		Form: []records.Field{
			{Name: "done", Title: "Done on", Type: records.Date, Performed: true},
			{Name: "assessor", Title: "Assessor", Type: records.Person, Independent: true, Acknowledges: true},
			{Name: "score", Title: "Score", Type: records.Number, Least: 1, Most: 5},
			{Name: "areas", Title: "Areas", Type: records.Many, Options: []string{"doors", "roof", "cellar"}, Covers: []string{"doors"}},
			{Name: "level", Title: "Level", Type: records.Choice, Options: []string{"low", "high"}, Optional: true},
			{Name: "passed", Title: "Passed", Type: records.Bool},
			{Name: "practices", Title: "Practices", Type: records.Rows, Covers: []string{"plan", "build"}, Fields: []records.Field{
				{Name: "practice", Type: records.Text}, {Name: "score", Type: records.Number, Most: 3},
			}},
			{Name: "types", Title: "Types", Type: records.Refs, Of: records.Type, Optional: true},
			{Name: "ends", Title: "Ends", Type: records.Date, FutureOnly: true, Optional: true},
			{Name: "todo", Title: "To do", Type: records.Rows, Optional: true, Tracks: true, Fields: []records.Field{
				{Name: "title", Type: records.Text}, {Name: "owner", Type: records.Person}, {Name: "due", Type: records.Date},
			}},
		},
		Check: func(b records.Body, _ records.Object) []records.Fault {
			if b["passed"] == true && b["score"] == 1.0 {
				return []records.Fault{{Path: "score", Message: "is too low to have passed: correct one of the two"}}
			}
			return nil
		},
		Example: records.Body{
			"done": "-3d", "assessor": "dora", "score": 4.0, "areas": []any{"doors"}, "passed": true,
			"practices": []any{map[string]any{"practice": "plan", "score": 2.0}, map[string]any{"practice": "build", "score": 3.0}},
			"todo":      []any{map[string]any{"title": "Mend the roof", "owner": "carl", "due": "+31d"}},
		},
	}
}

// review is a kind about suppliers, which the register holds, that looks at assessments and types.
func review() records.Kind {
	return records.Kind{
		Name: "review", Title: "Review", About: records.Supplier, Life: 30 * day, Needs: []string{"assessment"}, Looks: []records.About{records.Type},
		Only:    func(o records.Object) (bool, string) { return o.Facts["critical"] == true, "it is not critical" },
		Form:    []records.Field{{Name: "result", Title: "Result", Type: records.Text}},
		Example: records.Body{"result": "all well"},
	}
}

// world stands in for the other domains.
type world struct {
	mu      sync.Mutex
	objects map[records.About][]records.Object
	people  []records.PersonFacts
	asked   int
}

func newWorld() *world {
	return &world{
		objects: map[records.About][]records.Object{
			records.Organisation: {{Kind: records.Organisation, ID: "organisation", Name: "Acme"}},
			records.System:       {{Kind: records.System, ID: "s1", Name: "doors", Owner: "olga"}, {Kind: records.System, ID: "s2", Name: "heating"}},
			records.Site:         {{Kind: records.Site, ID: "site1", Name: "north", System: "doors"}},
			records.Type:         {{Kind: records.Type, ID: "door-lock", Name: "door-lock"}, {Kind: records.Type, ID: "old", Name: "old", Retired: true}},
		},
		people: []records.PersonFacts{
			{ID: "1", Name: "anna", Active: true, Administrator: true},
			{ID: "2", Name: "bert", Active: true, Administrator: true},
			{ID: "3", Name: "carl", Active: true},
			{ID: "4", Name: "dora", Active: true},
			{ID: "5", Name: "olga", Active: true},
			{ID: "6", Name: "gone"},
		},
	}
}

func (w *world) Objects(_ context.Context, about records.About) ([]records.Object, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked++
	return slices.Clone(w.objects[about]), nil
}

func (w *world) Object(_ context.Context, about records.About, ref string) (records.Object, bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked++
	for _, o := range w.objects[about] {
		if o.ID == ref || o.Name == ref {
			return o, true, nil
		}
	}
	return records.Object{}, false, nil
}

func (w *world) People(context.Context) ([]records.PersonFacts, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked++
	return slices.Clone(w.people), nil
}

// rig is the service on a real database, bus and audit log.
type rig struct {
	*records.Service
	t     testing.TB
	db    *store.DB
	clock *clock.Fake
	bus   *bus.Bus
	log   *audit.Log
	world *world
	key   sealed.Key
	kinds []records.Kind
	mu    sync.Mutex
	told  []fleet.Event
}

// Publish notes events that are no state change.
func (r *rig) Publish(ev fleet.Event) error {
	if err := ev.Check(); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.told = append(r.told, ev)
	return nil
}

func (r *rig) published(typ string) (out []fleet.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, ev := range r.told {
		if ev.Type == typ {
			out = append(out, ev)
		}
	}
	return out
}

func newRig(t testing.TB, db *store.DB) *rig {
	t.Helper()
	r := &rig{t: t, db: db, clock: clock.NewFake(start), bus: bustest.Open(t), world: newWorld(), key: sealed.NewKey(), kinds: []records.Kind{policy(), assessment(), review()}}
	r.log = audittest.Open(t, db, nil, r.clock)
	r.open()
	return r
}

// open starts the service anew, as after a restart.
func (r *rig) open() {
	r.t.Helper()
	s, err := records.New(context.Background(), records.Config{
		DB: r.db, Bus: r.bus, Audit: r.log, Clock: r.clock, Log: slog.New(slog.DiscardHandler), Key: r.key, Kinds: r.kinds, World: r.world, Events: r,
		Serves: map[string][]records.Served{"policy": {{Control: "TSP-01", Obligation: "policy", Title: "in force"}}},
	})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(s.Close)
	r.Service = s
}

func engines(t *testing.T, fn func(t *testing.T, r *rig)) {
	t.Helper()
	storetest.Engines(t, func(t *testing.T, db *store.DB) { fn(t, newRig(t, db)) })
}

// as is a context of somebody who is signed in.
func as(name string) context.Context {
	return access.With(context.Background(), access.Principal{Kind: access.Person, ID: "id-" + name, Name: name, Method: "password"})
}

func (r *rig) must(rec records.Record, err error) records.Record {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
	return rec
}

// filled is the example of a kind, made out for the rig's day.
func (r *rig) filled(k records.Kind, more ...any) records.Body {
	b := k.ExampleOn(r.clock.Now())
	for i := 0; i+1 < len(more); i += 2 {
		if more[i+1] == nil {
			delete(b, more[i].(string))
		} else {
			b[more[i].(string)] = more[i+1]
		}
	}
	return b
}

// approved takes a record of a kind all the way.
func (r *rig) approved(k records.Kind, object string, more ...any) records.Record {
	r.t.Helper()
	rec := r.must(r.Create(as("anna"), records.Start{Kind: k.Name, Object: object, Owner: "carl", Body: r.filled(k, more...)}))
	for i := range k.Files.Least {
		if _, err := r.Attach(as("anna"), rec.ID, fmt.Sprintf("report-%d.pdf", i), "application/pdf", []byte("what was found")); err != nil {
			r.t.Fatal(err)
		}
	}
	r.must(r.Submit(as("anna"), rec.ID, records.Step{}))
	return r.must(r.Approve(as("bert"), rec.ID, records.Step{}))
}

func (r *rig) duty(kind, object string) *records.Duty {
	r.t.Helper()
	d, ok, err := r.Duty(context.Background(), kind, object)
	if err != nil || !ok {
		r.t.Fatalf("no duty %s of %s: %v", kind, object, err)
	}
	return d
}

func (r *rig) recorded(typ string) (out []fleet.Event) {
	r.t.Helper()
	for _, ev := range audittest.Recorded(r.t, r.db) {
		if ev.Type == typ {
			out = append(out, ev)
		}
	}
	return out
}

// faulty checks that err is a refusal that names each path.
func faulty(t *testing.T, err error, code fleet.Code, paths ...string) {
	t.Helper()
	var fe *fleet.Error
	if !errors.As(err, &fe) || fe.Code != code {
		t.Fatalf("want a refusal (%s) naming %v, got %v", code, paths, err)
	}
	for _, p := range paths {
		if !slices.ContainsFunc(fe.Fields, func(f fleet.FieldError) bool { return f.Path == p && f.Message != "" }) {
			t.Errorf("no fault names %s: %v", p, err)
		}
	}
	if len(fe.Fields) != len(paths) && len(paths) > 0 {
		t.Errorf("want %d faults, got %v", len(paths), err)
	}
}
