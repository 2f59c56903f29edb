package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

var migrations = fstest.MapFS{"001_start.sql": {Data: []byte(`-- +goose Up
CREATE TABLE thing (id TEXT PRIMARY KEY, n BIGINT NOT NULL, ok BOOLEAN NOT NULL, body BLOB NOT NULL);
`)}}

func insert(id string) func(*store.Tx) error {
	return func(tx *store.Tx) error {
		_, err := tx.Exec("INSERT INTO thing (id, n, ok, body) VALUES (?, ?, ?, ?)", id, 7, true, []byte{1, 2})
		return err
	}
}

func count(t *testing.T, db *store.DB) (n int) {
	t.Helper()
	if err := db.QueryRow(context.Background(), "SELECT count(*) FROM thing WHERE id <> '?'").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestChangeNeedsItsAuditEntry(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		storetest.Migrate(t, db, "thing", migrations)
		ctx := context.Background()
		if err := db.Change(ctx, insert("a")); !errors.Is(err, store.ErrUnaudited) {
			t.Errorf("unaudited change: %v", err)
		}
		if n := count(t, db); n != 0 {
			t.Fatalf("%d rows after a refused change", n)
		}
		hooked := false
		err := db.Change(ctx, func(tx *store.Tx) error {
			tx.Audited()
			tx.OnCommit(func() { hooked = true })
			return insert("a")(tx)
		})
		if err != nil || count(t, db) != 1 || !hooked {
			t.Errorf("audited change: %v, %d rows, hook ran: %v", err, count(t, db), hooked)
		}
		if err := db.Keep(ctx, insert("a")); !store.IsUnique(err) {
			t.Errorf("second insert: %v", err)
		}
	})
}

func TestOneFailureSpoilsNoOther(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		storetest.Migrate(t, db, "thing", migrations)
		boom := errors.New("boom")
		var wg sync.WaitGroup
		for i := range 200 {
			wg.Go(func() {
				err := db.Keep(context.Background(), func(tx *store.Tx) error {
					if err := insert(fmt.Sprint(i))(tx); err != nil {
						return err
					}
					switch i % 4 {
					case 1:
						return boom
					case 2:
						panic("a fault in a transaction")
					}
					return nil
				})
				if (err == nil) != (i%4 == 0 || i%4 == 3) || (i%4 == 1 && !errors.Is(err, boom)) {
					t.Errorf("change %d: %v", i, err)
				}
			})
		}
		wg.Wait()
		if n := count(t, db); n != 100 {
			t.Errorf("%d rows, want the 100 whose change succeeded", n)
		}
	})
}

func TestNewerDataIsRefusedAndUntouched(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		newer := fstest.MapFS{"001_start.sql": migrations["001_start.sql"], "002_more.sql": {Data: []byte("-- +goose Up\nALTER TABLE thing ADD COLUMN more TEXT;\n")}}
		storetest.Migrate(t, db, "thing", newer)
		if err := db.Migrate(context.Background(), "thing", migrations); !errors.Is(err, store.ErrNewer) {
			t.Errorf("older program: %v", err)
		}
	})
}

func TestClosedRefuses(t *testing.T) {
	db := storetest.Open(t)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Keep(context.Background(), insert("a")); err == nil {
		t.Error("a closed database took a change")
	}
}

func TestOpenKeepsPasswordsOutOfErrors(t *testing.T) {
	_, err := store.Open(context.Background(), store.Config{URL: "postgres://u:hunter2@127.0.0.1:1/x?connect_timeout=1"})
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("error: %v", err)
	}
}

func BenchmarkChange(b *testing.B) {
	db := storetest.Open(b)
	storetest.Migrate(b, db, "thing", migrations)
	b.SetParallelism(64)
	var mu sync.Mutex
	n := 0
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			mu.Lock()
			n++
			id := fmt.Sprint(n)
			mu.Unlock()
			if err := db.Keep(context.Background(), insert(id)); err != nil {
				b.Error(err)
			}
		}
	})
}
