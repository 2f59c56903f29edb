package audit_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/audit"
	"github.com/thingward/thingward/server/audit/audittest"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/bus/bustest"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

// refused is an event that is no state change.
func refused(n int, at time.Time) fleet.Event {
	return fleet.NewEvent("publish.refused", at, fleet.Party{Kind: "device", ID: "d", Address: "192.0.2.7"}, fleet.Server("broker"), map[string]any{"topic": "things/x/command", "reason": "outside the access list", "n": n})
}

// run runs the log and returns how to stop it.
func run(t testing.TB, l *audit.Log) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
	t.Cleanup(stop)
	return stop
}

// indexed waits until all ids have their place.
func indexed(t testing.TB, l *audit.Log, ids []string) map[string]int64 {
	t.Helper()
	for {
		found, err := l.Indexes(context.Background(), ids)
		if err != nil {
			t.Fatal(err)
		}
		if len(found) == len(ids) {
			return found
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// consume waits until a consumer of the event stream has seen all ids, and returns how often it saw each.
func consume(t testing.TB, b *bus.Bus, name string, ids []string) map[string]int {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	seen := map[string]int{}
	err := b.Consume(ctx, name, func(_ context.Context, evs []fleet.Event) error {
		for _, ev := range evs {
			seen[ev.ID]++
		}
		missing := 0
		for _, id := range ids {
			if seen[id] == 0 {
				missing++
			}
		}
		if missing == 0 {
			cancel()
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return seen
}

func TestEventsAndChangesMeetInTheTreeOnce(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		b := bustest.Open(t)
		l := audittest.Open(t, db, b, clock.Real{})
		stop := run(t, l)
		var ids, changes []string
		for i := range 300 {
			ev := refused(i, start)
			if i%3 == 0 {
				ev = created(i, start)
				record(t, db, l, ev)
				changes = append(changes, ev.ID)
			} else if err := b.Publish(ev); err != nil {
				t.Fatal(err)
			}
			ids = append(ids, ev.ID)
		}
		indexed(t, l, ids)
		seen := consume(t, b, "detect", ids)
		for _, id := range changes {
			if seen[id] != 1 {
				t.Errorf("state change %s reached detection %d times", id, seen[id])
			}
		}
		// What comes again, as after a crash before the acknowledgement, is known by its id.
		var again []fleet.Event
		for i, id := range ids[:50] {
			ev := refused(i, start)
			ev.ID = id
			again = append(again, ev)
		}
		fresh := refused(1000, start)
		if err := b.Append(context.Background(), append(again, fresh, fresh)); err != nil {
			t.Fatal(err)
		}
		indexed(t, l, []string{fresh.ID})
		stop()
		entries, _, err := l.List(context.Background(), audit.Filter{Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		times := map[string]int{}
		for _, e := range entries {
			times[e.Event.ID]++
		}
		for _, id := range append(ids, fresh.ID) {
			if times[id] != 1 {
				t.Errorf("event %s is %d times in the tree", id, times[id])
			}
		}
		if v, err := l.Verify(context.Background(), nil); err != nil || !v.OK {
			t.Errorf("%+v, %v", v, err)
		}
	})
}

func TestChangesPlacedBeforeACrashArePublishedAfterIt(t *testing.T) {
	db, b := storetest.Open(t), bustest.Open(t)
	l := audittest.Open(t, db, b, clock.Real{})
	var ids []string
	for i := range 700 {
		ev := created(i, start)
		ids = append(ids, ev.ID)
		if i == 0 {
			record(t, db, l, ev)
			continue
		}
		if err := db.Keep(context.Background(), func(tx *store.Tx) error { return l.Record(tx, ev) }); err != nil {
			t.Fatal(err)
		}
	}
	seal(t, l) // placed and sealed, and the process ends here
	run(t, reopen(t, l))
	seen := consume(t, b, "detect", ids)
	for _, id := range ids {
		if seen[id] == 0 {
			t.Fatalf("state change %s never reached detection", id)
		}
	}
}

func TestOrphansOfAnotherNodeArePublished(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		b, clk := bustest.Open(t), clock.NewFake(start)
		gone := audittest.Open(t, db, b, clk)
		ev := created(0, start)
		record(t, db, gone, ev)
		seal(t, gone)
		clk.Advance(time.Minute)
		run(t, reopen(t, gone))
		consume(t, b, "detect", []string{ev.ID})
	})
}

func TestBrokenLogAlarms(t *testing.T) {
	db, b := storetest.Open(t), bustest.Open(t)
	l := audittest.Open(t, db, b, clock.NewFake(start))
	fill(t, db, l, 5)
	seal(t, l)
	do(t, db, "UPDATE audit_entry SET type = 'x' WHERE idx = 2")
	for range 3 {
		if v, err := l.Verify(context.Background(), nil); err != nil || v.OK {
			t.Fatalf("%+v, %v", v, err)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	last := refused(0, start)
	if err := b.Publish(last); err != nil {
		t.Fatal(err)
	}
	alarms := 0
	err := b.Consume(ctx, "detect", func(_ context.Context, evs []fleet.Event) error {
		for _, ev := range evs {
			if ev.Type == "audit.broken" && ev.Severity == fleet.Critical && ev.Data["index"] == 2.0 {
				alarms++
			}
			if ev.ID == last.ID {
				cancel()
			}
		}
		return nil
	})
	if err != nil || alarms != 1 {
		t.Errorf("%d alarms, %v", alarms, err)
	}
}
