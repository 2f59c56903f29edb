package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

var quick = store.LeaseTimes{Beat: 10 * time.Millisecond, Limit: 300 * time.Millisecond}

// onPostgres runs fn with two openings of one PostgreSQL database, as two nodes have. SQLite must refuse.
func onPostgres(t *testing.T, fn func(t *testing.T, a, b *store.DB)) {
	t.Helper()
	for engine, url := range storetest.URLs(t) {
		t.Run(engine, func(t *testing.T) {
			if url == "" {
				if _, err := storetest.Open(t).Acquire(t.Context(), store.LeaseConfig{Node: "a", Times: quick, Clock: clock.Real{}}); err == nil {
					t.Error("SQLite gives a lease")
				}
				return
			}
			var dbs [2]*store.DB
			for i := range dbs {
				db, err := store.Open(t.Context(), store.Config{URL: url, Shared: true})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = db.Close() })
				dbs[i] = db
			}
			storetest.Migrate(t, dbs[0], "thing", migrations)
			fn(t, dbs[0], dbs[1])
		})
	}
}

func acquire(t *testing.T, db *store.DB, node string) *store.Lease {
	t.Helper()
	l, err := db.Acquire(t.Context(), store.LeaseConfig{Node: node, Times: quick, Clock: clock.Real{}})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLeaseIsTakenFromTheSilentAndFencesThem(t *testing.T) {
	onPostgres(t, func(t *testing.T, a, b *store.DB) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		first := acquire(t, a, "a")
		if err := a.Keep(ctx, insert("while held")); err != nil {
			t.Fatal(err)
		}
		second := acquire(t, b, "b") // a gives no sign of life
		if second.Epoch() != first.Epoch()+1 {
			t.Errorf("epochs %d and %d", first.Epoch(), second.Epoch())
		}
		if err := a.Keep(ctx, insert("late")); !errors.Is(err, store.ErrFenced) {
			t.Errorf("a write after the take-over: %v", err)
		}
		if err := first.Keep(ctx); !errors.Is(err, store.ErrFenced) {
			t.Errorf("the old holder goes on: %v", err)
		}
		if err := b.Keep(ctx, insert("of the new one")); err != nil {
			t.Error(err)
		}
		if n := count(t, b); n != 2 {
			t.Errorf("%d rows", n)
		}
	})
}

func TestLeaseStaysWithTheLivingAndGoesOnRelease(t *testing.T) {
	onPostgres(t, func(t *testing.T, a, b *store.DB) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		first := acquire(t, a, "a")
		alive, stop := context.WithCancel(ctx)
		var done sync.WaitGroup
		done.Go(func() {
			if err := first.Keep(alive); err != nil {
				t.Error(err)
			}
		})
		short, end := context.WithTimeout(ctx, 4*quick.Limit)
		told := ""
		_, err := b.Acquire(short, store.LeaseConfig{Node: "b", Times: quick, Clock: clock.Real{}, Standby: func(h string) { told = h }})
		end()
		if !errors.Is(err, context.DeadlineExceeded) || told != "a" {
			t.Errorf("%v, told of %q", err, told)
		}
		if !first.Fresh() {
			t.Error("not fresh")
		}
		stop()
		done.Wait()
		if err := first.Release(ctx); err != nil {
			t.Fatal(err)
		}
		if err := a.Keep(ctx, insert("after release")); !errors.Is(err, store.ErrFenced) {
			t.Errorf("a write after the release: %v", err)
		}
		acquire(t, b, "b")
	})
}

// TestTakeOverWaitsForTransactions holds a transaction open while the lease is taken: it must not commit beside the new holder.
func TestTakeOverWaitsForTransactions(t *testing.T) {
	onPostgres(t, func(t *testing.T, a, b *store.DB) {
		acquire(t, a, "a")
		var taken, done sync.WaitGroup
		inside, order := make(chan struct{}), make(chan string, 2)
		done.Go(func() {
			err := a.Keep(t.Context(), func(tx *store.Tx) error {
				close(inside)
				time.Sleep(3 * quick.Limit) // longer than b waits for a sign of life
				order <- "write"
				return insert("slow")(tx)
			})
			if err != nil {
				t.Error(err)
			}
		})
		<-inside
		taken.Go(func() {
			acquire(t, b, "b")
			order <- "taken"
		})
		done.Wait()
		taken.Wait()
		if got := <-order; got != "write" || count(t, b) != 1 {
			t.Errorf("%s came first, %d rows", got, count(t, b))
		}
	})
}
