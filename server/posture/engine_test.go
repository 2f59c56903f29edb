package posture

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/audit/audittest"
	"github.com/thingward/thingward/server/posture/catalogue"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

var start = time.Date(2026, 11, 17, 14, 0, 0, 0, time.UTC)

// world is what sources read: a registry in memory.
type world struct {
	mu      sync.Mutex
	devices map[string]*DeviceFacts
	types   map[string]*fleet.DeviceType
	certs   map[string]*CertificateFacts
	server  ServerFacts
	fail    error
	probes  map[string]ProbeResult
	events  []fleet.Event
}

func newWorld() *world {
	return &world{devices: map[string]*DeviceFacts{}, types: map[string]*fleet.DeviceType{}, certs: map[string]*CertificateFacts{}, probes: map[string]ProbeResult{}}
}

func (w *world) Publish(ev fleet.Event) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, ev)
	return ev.Check()
}

func (w *world) published(typ string) (out []fleet.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, ev := range w.events {
		if ev.Type == typ {
			out = append(out, ev)
		}
	}
	return out
}

func (w *world) Probe(_ context.Context, name string) (ProbeResult, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if p, ok := w.probes[name]; ok {
		return p, nil
	}
	return ProbeResult{}, ErrNoProbe
}

// source reads one kind from the world.
type source struct {
	w    *world
	kind Kind
}

func (s source) Kind() Kind { return s.kind }

func (s source) ids() (out []string) {
	switch s.kind {
	case Device:
		for id := range s.w.devices {
			out = append(out, id)
		}
	case Certificate:
		for id := range s.w.certs {
			out = append(out, id)
		}
	case Server:
		out = []string{selfID}
	default:
		for id := range s.w.types {
			out = append(out, id)
		}
	}
	return out
}

func (s source) Each(ctx context.Context, fn func(Facts) error) error {
	s.w.mu.Lock()
	ids, err := s.ids(), s.w.fail
	s.w.mu.Unlock()
	if err != nil {
		return err
	}
	for _, id := range ids {
		f, ok, err := s.One(ctx, id)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if err := fn(f); err != nil {
			return err
		}
	}
	return nil
}

func (s source) One(_ context.Context, id string) (Facts, bool, error) {
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	if s.w.fail != nil {
		return nil, false, s.w.fail
	}
	switch s.kind {
	case Device:
		if d := s.w.devices[id]; d != nil {
			f := *d
			f.Type = s.w.types[d.Device.Type]
			return &f, true, nil
		}
		for _, d := range s.w.devices {
			if d.Device.Name == id {
				f := *d
				f.Type = s.w.types[d.Device.Type]
				return &f, true, nil
			}
		}
	case Certificate:
		if c, ok := s.w.certs[id]; ok {
			f := *c
			return &f, true, nil
		}
	case Server:
		f := s.w.server
		return &f, true, nil
	default:
		if t, ok := s.w.types[id]; ok {
			c := *t
			return &TypeFacts{Type: &c}, true, nil
		}
	}
	return nil, false, nil
}

// testChecks are small checks with each trait that the engine must bear: a type's facts, running time, other subjects.
func testChecks() []Check {
	return []Check{
		{
			ID: "COM-10/links", Control: "COM-10", Obligation: "link-encryption", Title: "Firmware is at its floor", Reads: "inventory", Subject: Device,
			Eval: On(func(f *DeviceFacts, _ time.Time) Verdict {
				switch {
				case f.Device.State == fleet.Retired:
					return NotApplicable("retired")
				case f.Inventory == nil:
					return Unknown("no inventory reported yet")
				case f.Type == nil || f.Inventory.Firmware < f.Type.Baseline.Firmware:
					return Fail("firmware %s", f.Inventory.Firmware)
				}
				return Pass("firmware %s", f.Inventory.Firmware)
			}),
		},
		{
			ID: "SNT-18/heard", Control: "SNT-18", Obligation: "keyed-inclusion", Title: "The device was heard", Reads: "last seen", Subject: Device, Every: 3 * time.Hour,
			Eval: On(func(f *DeviceFacts, now time.Time) Verdict {
				if v := Fresh("message", f.LastSeen, 10*time.Minute, now); v.Known() {
					return v
				}
				return Pass("heard in time").At(f.LastSeen.Add(10 * time.Minute))
			}),
		},
		{
			ID: "TSP-07/shared", Control: "TSP-07", Obligation: "no-shared-key", Title: "No key is shared", Reads: "certificates", Subject: Certificate,
			Eval: On(func(f *CertificateFacts, _ time.Time) Verdict {
				if len(f.SharedWith) > 0 {
					return Fail("shared with %s", strings.Join(f.SharedWith, ", "))
				}
				return Pass("one holder")
			}),
		},
	}
}

func engine(t testing.TB, db *store.DB, w *world, c clock.Clock, gates []Gate, kinds ...Kind) *Service {
	t.Helper()
	cat, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	if len(kinds) == 0 {
		kinds = []Kind{Device, Type, Certificate, Server}
	}
	var sources []Source
	for _, k := range kinds {
		sources = append(sources, source{w, k})
	}
	s, err := New(context.Background(), Config{
		DB: db, Events: w, Audit: audittest.Open(t, db, nil, c), Clock: c, Log: slog.New(slog.DiscardHandler), Catalogue: cat,
		Checks: testChecks(), Gates: gates, Sources: sources, Prober: w,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (w *world) device(id, typ string, now time.Time) *DeviceFacts {
	d := &DeviceFacts{Device: fleet.Device{ID: id, Name: "name-" + id, Type: typ, State: fleet.Active}, LastSeen: now}
	w.devices[id] = d
	return d
}

func mustSweep(t testing.TB, s *Service) SweepReport {
	t.Helper()
	r, err := s.Sweep(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (s *Service) statusOf(control string) fleet.Status {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.byID[control].status
}

func expect(t testing.TB, s *Service, control string, want fleet.Status) {
	t.Helper()
	if got := s.statusOf(control); got != want {
		s.mu.RLock()
		defer s.mu.RUnlock()
		t.Fatalf("%s is %s (%s), want %s", control, got, s.byID[control].reason, want)
	}
}

func TestIncrementalEvaluation(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		ctx, clk, w := t.Context(), clock.NewFake(start), newWorld()
		w.types["lock"] = &fleet.DeviceType{Name: "lock", Baseline: fleet.Baseline{Firmware: "2"}}
		s := engine(t, db, w, clk, nil)
		expect(t, s, "COM-10", fleet.NotAssessed)
		mustSweep(t, s)
		expect(t, s, "COM-10", fleet.NotApplicable) // known to have no device

		w.device("a", "lock", clk.Now())
		s.Changed(Device, "a")
		s.Settle(ctx)
		expect(t, s, "COM-10", fleet.Unknown) // no inventory is never a pass
		expect(t, s, "SNT-18", fleet.Pass)

		w.devices["a"].Inventory = inventory("2")
		s.Changed(Device, "a")
		s.Settle(ctx)
		expect(t, s, "COM-10", fleet.Pass)

		w.types["lock"].Baseline.Firmware = "3" // a change of the type reaches its devices
		s.Changed(Type, "lock")
		s.Settle(ctx)
		expect(t, s, "COM-10", fleet.Fail)
		if r := mustSweep(t, s); !r.Agreed {
			t.Fatalf("%+v", r)
		}

		clk.Advance(11 * time.Minute) // validity ends by itself
		s.Settle(ctx)
		expect(t, s, "SNT-18", fleet.Stale)

		w.devices["a"].Device.State = fleet.Retired
		w.devices["a"].LastSeen = clk.Now()
		s.Changed(Device, "a")
		s.Settle(ctx)
		expect(t, s, "COM-10", fleet.NotApplicable)
		if r := mustSweep(t, s); !r.Agreed {
			t.Fatalf("%+v", r)
		}
		checkHistory(t, s, db)
	})
}

func checkHistory(t *testing.T, s *Service, db *store.DB) {
	t.Helper()
	if o, err := s.Overview(t.Context()); err != nil || len(o.Trend) == 0 || len(o.Changed) == 0 {
		t.Errorf("%+v %v", o, err)
	}
	hist, err := s.history(t.Context(), "COM-10", 0, store.Time(start.Add(time.Hour)), 100)
	if err != nil {
		t.Fatal(err)
	}
	var got []fleet.Status
	for _, h := range hist {
		got = append(got, h.After)
	}
	if want := []fleet.Status{fleet.NotApplicable, fleet.Fail, fleet.Pass, fleet.Unknown, fleet.NotApplicable}; !slices.Equal(got, want) {
		t.Errorf("history %v, want %v", got, want)
	}
	recorded := 0
	for _, ev := range audittest.Recorded(t, db) {
		if ev.Type == "control.changed" && ev.Data["control"] == "COM-10" {
			recorded++
		}
	}
	if recorded != len(got) {
		t.Errorf("%d audit entries for %d changes", recorded, len(got))
	}
}

func TestRestartKeepsWhatWasObserved(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		clk, w := clock.NewFake(start), newWorld()
		w.types["lock"] = &fleet.DeviceType{Name: "lock", Baseline: fleet.Baseline{Firmware: "2"}}
		for i := range 30 {
			w.device(fmt.Sprint("d", i), "lock", clk.Now()).Inventory = inventory(fmt.Sprint(1 + i%3))
		}
		s := engine(t, db, w, clk, nil)
		mustSweep(t, s)
		expect(t, s, "COM-10", fleet.Fail)
		if open := findings(t, db, "closed = 0"); open != 10 {
			t.Fatalf("%d open findings, want 10", open)
		}

		clk.Advance(time.Minute)
		again := engine(t, db, w, clk, nil)
		expect(t, again, "COM-10", fleet.Fail)
		if got, want := again.state.counts[0], s.state.counts[0]; !slices.Equal(got, want) {
			t.Errorf("counts after the restart %v, before %v", got, want)
		}
		for _, sub := range again.state.populations[Device].subjects {
			if sub.obs[0].since != store.Time(start) || sub.obs[0].reason.Value() == "" {
				t.Fatalf("%s: restored without since or reason: %+v", sub.ID, sub.obs[0])
			}
		}
		delete(w.devices, "d0") // it went while nobody looked
		w.devices["d3"].Inventory = inventory("2")
		if r := mustSweep(t, again); !r.Agreed {
			t.Errorf("the first sweep must fill the state, not blame it: %+v", r)
		}
		if open, closed := findings(t, db, "closed = 0"), findings(t, db, "closed > 0"); open != 8 || closed != 2 {
			t.Errorf("%d findings open and %d closed, want 8 and 2", open, closed)
		}
	})
}

func findings(t *testing.T, db *store.DB, where string) (n int) {
	t.Helper()
	if err := db.QueryRow(t.Context(), "SELECT COUNT(*) FROM posture_finding WHERE "+where).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestFindingsCloseOnlyByPassing(t *testing.T) {
	ctx, db, clk, w := t.Context(), storetest.Open(t), clock.NewFake(start), newWorld()
	w.types["lock"] = &fleet.DeviceType{Name: "lock", Baseline: fleet.Baseline{Firmware: "2"}}
	w.device("a", "lock", clk.Now()).Inventory = inventory("1")
	s := engine(t, db, w, clk, nil)
	mustSweep(t, s)
	for _, step := range []struct {
		inventory string
		open      int
	}{{"1", 1}, {"", 1}, {"1", 1}, {"2", 0}, {"1", 1}} {
		w.devices["a"].Inventory = inventory(step.inventory)
		s.Changed(Device, "a")
		s.Settle(ctx)
		if err := s.flush(ctx); err != nil {
			t.Fatal(err)
		}
		if n := findings(t, db, "closed = 0"); n != step.open {
			t.Errorf("inventory %q: %d open, want %d", step.inventory, n, step.open)
		}
	}
	if n := findings(t, db, "closed_by = 'pass'"); n != 1 {
		t.Errorf("%d closed by passing, want 1", n)
	}
}

func TestSweepReportsAndMendsWhatWasNeverAnnounced(t *testing.T) {
	db, clk, w := storetest.Open(t), clock.NewFake(start), newWorld()
	w.types["lock"] = &fleet.DeviceType{Name: "lock", Baseline: fleet.Baseline{Firmware: "2"}}
	w.device("a", "lock", clk.Now()).Inventory = inventory("2")
	s := engine(t, db, w, clk, nil)
	mustSweep(t, s)
	w.devices["a"].Inventory = inventory("1") // nobody says so
	w.device("b", "lock", clk.Now()).Inventory = inventory("2")
	r := mustSweep(t, s)
	if r.Agreed || r.Differences < 2 {
		t.Fatalf("%+v", r)
	}
	if evs := w.published("sweep.disagreed"); len(evs) != 1 || evs[0].Severity != fleet.Critical {
		t.Errorf("events %+v", evs)
	}
	expect(t, s, "COM-10", fleet.Fail)
	if r := mustSweep(t, s); !r.Agreed {
		t.Errorf("not mended: %+v", r)
	}
}

func TestSourceThatFailsNeverTurnsGreen(t *testing.T) {
	ctx, db, clk, w := t.Context(), storetest.Open(t), clock.NewFake(start), newWorld()
	s := engine(t, db, w, clk, nil)
	w.fail = errors.New("disk on fire")
	if _, err := s.Sweep(ctx); err == nil {
		t.Fatal("the sweep hid the failing source")
	}
	expect(t, s, "COM-10", fleet.Unknown)
	w.fail = nil
	w.device("a", "", clk.Now()).Inventory = inventory("2")
	w.types[""] = &fleet.DeviceType{}
	mustSweep(t, s)
	expect(t, s, "COM-10", fleet.Pass)
	w.fail = errors.New("disk on fire")
	clk.Advance(DefaultEvery + time.Minute)
	s.Settle(ctx)
	expect(t, s, "COM-10", fleet.Stale)
	w.fail = nil
	clk.Advance(retryAfter)
	s.Settle(ctx)
	expect(t, s, "COM-10", fleet.Pass)
}

func TestClockThatGoesBack(t *testing.T) {
	ctx, db, clk, w := t.Context(), storetest.Open(t), clock.NewFake(start), newWorld()
	w.types["lock"] = &fleet.DeviceType{Name: "lock"}
	w.device("a", "lock", clk.Now()).Inventory = inventory("2")
	s := engine(t, db, w, clk, nil)
	mustSweep(t, s)
	expect(t, s, "SNT-18", fleet.Pass)
	clk.Set(start.Add(-time.Hour))
	s.Settle(ctx)
	expect(t, s, "COM-10", fleet.Pass)    // made anew
	expect(t, s, "SNT-18", fleet.Unknown) // last seen lies in the future
	clk.Set(start.Add(time.Minute))
	s.Settle(ctx)
	expect(t, s, "SNT-18", fleet.Pass)
}

func TestBrokenCheckIsUnknown(t *testing.T) {
	w, db := newWorld(), storetest.Open(t)
	s := engine(t, db, w, clock.NewFake(start), nil)
	for name, c := range map[string]Check{
		"panics":      {Eval: func(Facts, time.Time) Verdict { panic("boom") }},
		"no reason":   {Eval: func(Facts, time.Time) Verdict { return Verdict{Status: fleet.Pass} }},
		"no status":   {Eval: func(Facts, time.Time) Verdict { return Verdict{Reason: "all is well"} }},
		"other facts": {Eval: On(func(*DeviceFacts, time.Time) Verdict { return Pass("ok") })},
	} {
		if v := s.verdict(&c, &ServerFacts{}, start); v.Status != fleet.Unknown || v.Reason == "" {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

func TestNewRefusesChecksOutsideTheCatalogue(t *testing.T) {
	cat, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	good := testChecks()[0]
	for name, spoil := range map[string]func(*Check){
		"control":    func(c *Check) { c.Control = "XYZ-01" },
		"obligation": func(c *Check) { c.Obligation = "none" },
		"id":         func(c *Check) { c.ID = "COM-01/links" },
		"eval":       func(c *Check) { c.Eval = nil },
		"title":      func(c *Check) { c.Title = "" },
	} {
		c := good
		spoil(&c)
		clk := clock.NewFake(start)
		_, err := New(t.Context(), Config{DB: storetest.Open(t), Clock: clk, Log: slog.New(slog.DiscardHandler), Catalogue: cat, Checks: []Check{c}})
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
