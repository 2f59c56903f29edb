package records_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/records"
)

// heard collects the reminders of the event stream, each id once, as whoever consumes it does.
type heard struct {
	mu   sync.Mutex
	seen map[string]bool
	list []string
	all  int
}

func listen(t *testing.T, r *rig) (*heard, func() []string) {
	t.Helper()
	h := &heard{seen: map[string]bool{}}
	stop, err := r.bus.Watch(func(ev fleet.Event) {
		h.mu.Lock()
		defer h.mu.Unlock()
		if ev.Type == "server.started" {
			h.seen[ev.ID] = true
		}
		if ev.Type != "record.expiring" && ev.Type != "record.expired" {
			return
		}
		h.all++
		if !h.seen[ev.ID] {
			h.seen[ev.ID] = true
			h.list = append(h.list, fmt.Sprintf("%s %v", ev.Type, ev.Data["days"]))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return h, func() []string {
		t.Helper()
		mark := fleet.NewEvent("server.started", r.clock.Now(), fleet.Server("test"), fleet.Server("test"), map[string]any{"version": "mark"})
		if err := r.bus.Append(context.Background(), []fleet.Event{mark}); err != nil {
			t.Fatal(err)
		}
		for {
			h.mu.Lock()
			if h.seen[mark.ID] {
				out := h.list
				h.list = nil
				h.mu.Unlock()
				return out
			}
			h.mu.Unlock()
			time.Sleep(time.Millisecond)
		}
	}
}

func TestRemindersOnceEach(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		_, got := listen(t, r)
		rec := r.approved(policy(), "")
		end := rec.Expires
		remind := func() {
			t.Helper()
			if err := r.Remind(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		for _, step := range []struct {
			at   time.Time
			want []string
		}{
			{start, nil},
			{end.Add(-30*day - time.Minute), nil},
			{end.Add(-30 * day), []string{"record.expiring 30"}},
			{end.Add(-20 * day), nil},
			{end.Add(-7 * day), []string{"record.expiring 7"}},
			{end.Add(-25 * day), nil}, // the clock goes backwards
			{end.Add(-6 * day), nil},
			{end.Add(-time.Hour), []string{"record.expiring 1"}},
			{end, []string{"record.expired <nil>"}},
			{end.Add(-3 * day), nil},
			{end.Add(day), nil},
		} {
			r.clock.Set(step.at)
			remind()
			r.open() // restarts change nothing
			remind()
			if out := got(); !slices.Equal(out, step.want) {
				t.Errorf("at %s: %v, want %v", step.at, out, step.want)
			}
		}
		// A record whose end is near when it is approved reminds once, of the nearest.
		r.clock.Set(start)
		late := r.approved(assessment(), "doors", "ends", "2026-03-05")
		remind()
		if out := got(); !slices.Equal(out, []string{"record.expiring 7"}) || !late.Expires.Equal(time.Date(2026, 3, 6, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("%v", out)
		}
	})
}

// TestRestartInTheMiddleOfReminders stops between the event and the note that it was sent, and between batches.
func TestRestartInTheMiddleOfReminders(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		h, got := listen(t, r)
		const n = 250 // two batches
		for i := range n {
			r.world.objects[records.System] = append(r.world.objects[records.System], records.Object{Kind: records.System, ID: fmt.Sprintf("x%04d", i), Name: fmt.Sprintf("x%04d", i), Owner: "olga"})
		}
		k := assessment()
		k.Files.Least = 0
		r.kinds[1] = k
		r.open()
		for i := range n {
			r.approved(k, fmt.Sprintf("x%04d", i), "todo", nil)
		}
		r.clock.Advance(60 * day)
		if err := r.Remind(context.Background()); err != nil {
			t.Fatal(err)
		}
		if out := got(); len(out) != n {
			t.Fatalf("%d reminders, want %d", len(out), n)
		}
		// As if the server had stopped after it sent the second batch and before it noted any of it.
		r.tamper("DELETE FROM records_notice WHERE record IN (SELECT record FROM records_notice ORDER BY record LIMIT 200)")
		r.open()
		if err := r.Remind(context.Background()); err != nil {
			t.Fatal(err)
		}
		if out := got(); len(out) != 0 {
			t.Errorf("%d reminders count twice", len(out))
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.all <= n {
			t.Error("nothing was sent again: the test shows nothing")
		}
	})
}

// TestChangesAreAnnounced hears what posture hears.
func TestChangesAreAnnounced(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		said := make(chan bus.Changed, 1000)
		stop, err := bus.Listen(r.bus, bus.TopicChanged, func(c bus.Changed) { said <- c })
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(stop)
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() { defer close(done); _ = r.Run(ctx) }()
		t.Cleanup(func() { cancel(); <-done })
		hears := func(kind, id string) {
			t.Helper()
			for {
				select {
				case c := <-said:
					if c.Kind == kind && c.ID == id {
						return
					}
				case <-time.After(time.Millisecond):
					r.clock.Advance(time.Second) // what is gathered is told after a while
				}
			}
		}
		rec := r.must(r.Create(as("anna"), records.Start{Kind: "policy", Body: r.filled(policy())}))
		hears("record:policy", "organisation")
		r.must(r.Submit(as("anna"), rec.ID, records.Step{}))
		hears("record:policy", "organisation")
		e, err := r.Enter(as("anna"), records.Supplier, records.EntryFacts{Name: "Locks Ltd", Facts: records.Body{"critical": true}})
		if err != nil {
			t.Fatal(err)
		}
		hears("record:review", e.ID)
		if err := r.bus.Announce(bus.TopicChanged, bus.Changed{Kind: "system", ID: "s2"}); err != nil {
			t.Fatal(err)
		}
		hears("record:assessment", "s2")
		if err := r.bus.Announce(bus.TopicChanged, bus.Changed{Kind: "type", ID: "door-lock"}); err != nil {
			t.Fatal(err)
		}
		hears("record:review", e.ID) // it looks at types
		r.must(r.Approve(as("bert"), rec.ID, records.Step{}))
		hears("record:policy", "organisation")
		r.world.mu.Lock()
		r.world.people[2].Administrator = true
		r.world.mu.Unlock()
		if err := r.bus.Announce(bus.TopicChanged, bus.Changed{Kind: "account", ID: "1"}); err != nil {
			t.Fatal(err)
		}
		hears("record:policy", "organisation") // somebody else must acknowledge it
		r.approved(assessment(), "doors")
		hears("record:review", e.ID) // it needs assessments
	})
}
