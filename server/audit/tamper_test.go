package audit_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/kit/provable"
	"github.com/thingward/thingward/server/audit"
	"github.com/thingward/thingward/server/audit/audittest"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

// do runs SQL behind the log's back.
func do(t testing.TB, db *store.DB, sql string, args ...any) {
	t.Helper()
	err := db.Keep(context.Background(), func(tx *store.Tx) error {
		n, err := tx.Exec(sql, args...)
		if err == nil && n == 0 {
			err = errors.New("nothing was altered")
		}
		return err
	})
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// reopen is what a restart does.
func reopen(t testing.TB, l *audit.Log) *audit.Log {
	t.Helper()
	again, err := audit.Open(context.Background(), l.Config)
	if err != nil {
		t.Fatal(err)
	}
	return again
}

func bodies(t testing.TB, db *store.DB) (out [][]byte) {
	t.Helper()
	rows, err := db.Query(context.Background(), "SELECT body FROM audit_entry ORDER BY idx")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var b []byte
		if err := rows.Scan(&b); err != nil {
			t.Fatal(err)
		}
		out = append(out, b)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// rehash makes every stored hash fit the bodies, as a thorough forger would.
func rehash(t testing.TB, db *store.DB) {
	t.Helper()
	var tree provable.Tree
	var hashes []tlog.Hash
	for _, b := range bodies(t, db) {
		hashes = tree.Append(hashes, tlog.RecordHash(b))
	}
	for page := 0; page*64 < len(hashes); page++ {
		var b []byte
		for _, h := range hashes[page*64 : min(page*64+64, len(hashes))] {
			b = append(b, h[:]...)
		}
		do(t, db, "INSERT INTO audit_hash (page, hashes) VALUES (?, ?) ON CONFLICT (page) DO UPDATE SET hashes = excluded.hashes", page, b)
	}
}

// setHash replaces one stored hash.
func setHash(t testing.TB, db *store.DB, stored int64, h tlog.Hash) {
	t.Helper()
	var page []byte
	if err := db.QueryRow(context.Background(), "SELECT hashes FROM audit_hash WHERE page = ?", stored/64).Scan(&page); err != nil {
		t.Fatal(err)
	}
	copy(page[stored%64*32:], h[:])
	do(t, db, "UPDATE audit_hash SET hashes = ? WHERE page = ?", page, stored/64)
}

const forged = `{"id":"019ca9c0-0000-7000-8000-000000000000","type":"device.created","severity":"info","time":"2026-03-01T12:00:00Z","initiator":{"kind":"person","id":"mallory"},"receiver":{"kind":"device","id":"device-17","name":"Lock device-17"},"data":{}}`

// tamperings alter a log of 40 entries with checkpoints of 10, 25 and 40.
var tamperings = map[string]struct {
	alter  func(t *testing.T, db *store.DB)
	index  int64
	reason string
}{
	"body": {func(t *testing.T, db *store.DB) {
		b := bodies(t, db)[17]
		do(t, db, "UPDATE audit_entry SET body = ? WHERE idx = 17", bytes.Replace(b, []byte("alice"), []byte("alicf"), 1))
	}, 17, "stored leaf hash"},
	"body and its leaf hash": {func(t *testing.T, db *store.DB) {
		do(t, db, "UPDATE audit_entry SET body = ? WHERE idx = 17", []byte(forged))
		setHash(t, db, tlog.StoredHashIndex(0, 17), tlog.RecordHash([]byte(forged)))
	}, 16, "entries 16 to 17"},
	"body and every hash": {func(t *testing.T, db *store.DB) {
		do(t, db, "UPDATE audit_entry SET body = ? WHERE idx = 17", bytes.Replace(bodies(t, db)[17], []byte("192.0.2.1"), []byte("192.0.2.2"), 1))
		rehash(t, db)
	}, 10, "entries 10 to 24"},
	"column id":             {set("id", "x"), 17, "search column"},
	"column time":           {set("time", 1), 17, "search column"},
	"column type":           {set("type", "device.retired"), 17, "search column"},
	"column severity":       {set("severity", "info"), 17, "search column"},
	"column initiator kind": {set("initiator_kind", "x"), 17, "search column"},
	"column initiator id":   {set("initiator_id", "x"), 17, "search column"},
	"column initiator name": {set("initiator_name", "bob"), 17, "search column"},
	"column receiver kind":  {set("receiver_kind", "x"), 17, "search column"},
	"column receiver id":    {set("receiver_id", "x"), 17, "search column"},
	"column receiver name":  {set("receiver_name", "x"), 17, "search column"},
	"leaf hash": {func(t *testing.T, db *store.DB) {
		setHash(t, db, tlog.StoredHashIndex(0, 17), tlog.Hash{1})
	}, 17, "stored leaf hash"},
	"interior hash": {func(t *testing.T, db *store.DB) {
		setHash(t, db, tlog.StoredHashIndex(3, 2), tlog.Hash{1})
	}, 16, "entries 16 to 23"},
	"hash page gone": {func(t *testing.T, db *store.DB) {
		do(t, db, "DELETE FROM audit_hash WHERE page = 1")
	}, 33, "is missing"},
	"entry gone": {func(t *testing.T, db *store.DB) {
		do(t, db, "DELETE FROM audit_entry WHERE idx = 17")
	}, 17, "missing"},
	"first entry gone": {func(t *testing.T, db *store.DB) {
		do(t, db, "DELETE FROM audit_entry WHERE idx = 0")
	}, 0, "missing"},
	"end gone": {func(t *testing.T, db *store.DB) {
		do(t, db, "DELETE FROM audit_entry WHERE idx >= 37")
	}, 37, "entries 37 to 39 are missing"},
	"everything gone": {func(t *testing.T, db *store.DB) {
		do(t, db, "DELETE FROM audit_entry")
	}, 0, "entries 0 to 39 are missing"},
	"entries exchanged": {func(t *testing.T, db *store.DB) {
		do(t, db, "UPDATE audit_entry SET idx = 1000 WHERE idx = 17")
		do(t, db, "UPDATE audit_entry SET idx = 17 WHERE idx = 18")
		do(t, db, "UPDATE audit_entry SET idx = 18 WHERE idx = 1000")
	}, 17, "stored leaf hash"},
	"entry inserted at the end": {insertAt(40), 40, "missing"},
	"entry inserted in front":   {insertAt(-1), 0, "inserted"},
	"entry inserted far away":   {insertAt(99), 40, "missing"},
	"checkpoint signature": {func(t *testing.T, db *store.DB) {
		do(t, db, "UPDATE audit_checkpoint SET note = replace(note, 'test-log ', 'test-log A') WHERE size = 25")
	}, 24, "checkpoint of 25"},
	"checkpoint time": {func(t *testing.T, db *store.DB) {
		do(t, db, "UPDATE audit_checkpoint SET note = replace(note, 'time 2026', 'time 2025') WHERE size = 25")
	}, 24, "checkpoint of 25"},
	"checkpoint size": {func(t *testing.T, db *store.DB) {
		do(t, db, "UPDATE audit_checkpoint SET size = 24 WHERE size = 25")
	}, 23, "another size"},
	"last checkpoint": {func(t *testing.T, db *store.DB) {
		do(t, db, "UPDATE audit_checkpoint SET note = 'x' WHERE size = 40")
	}, 39, "checkpoint of 40"},
	"checkpoint from the future": {func(t *testing.T, db *store.DB) {
		do(t, db, "INSERT INTO audit_checkpoint (size, note) VALUES (90, 'x')")
	}, 89, "checkpoint of 90"},
}

func set(column string, value any) func(t *testing.T, db *store.DB) {
	return func(t *testing.T, db *store.DB) {
		do(t, db, "UPDATE audit_entry SET "+column+" = ? WHERE idx = 17", value)
	}
}

func insertAt(index int) func(t *testing.T, db *store.DB) {
	return func(t *testing.T, db *store.DB) {
		do(t, db, "INSERT INTO audit_entry SELECT ? + 0 * idx, id, time, type, severity, initiator_kind, initiator_id, initiator_name, receiver_kind, receiver_id, receiver_name, body FROM audit_entry WHERE idx = 3", index)
	}
}

// tampered gives a log of 40 sealed entries.
func tampered(t *testing.T, db *store.DB) (*audit.Log, *clock.Fake) {
	t.Helper()
	clk := clock.NewFake(start)
	l := audittest.Open(t, db, nil, clk)
	for _, n := range []int{10, 15, 15} {
		fill(t, db, l, n)
		clk.Advance(time.Hour)
		seal(t, l)
	}
	return l, clk
}

func TestEveryAlterationIsNoticedAndLocated(t *testing.T) {
	for name, c := range tamperings {
		t.Run(name, func(t *testing.T) {
			storetest.Engines(t, func(t *testing.T, db *store.DB) {
				l, _ := tampered(t, db)
				if v, err := l.Verify(context.Background(), nil); err != nil || !v.OK {
					t.Fatalf("before: %+v, %v", v, err)
				}
				do(t, db, "DELETE FROM audit_pending")
				c.alter(t, db)
				for when, l := range map[string]*audit.Log{"running": l, "restarted": reopen(t, l)} {
					v, err := l.Verify(context.Background(), nil)
					if err != nil || v.OK || v.Broken == nil {
						t.Fatalf("%s: not noticed: %+v, %v", when, v, err)
					}
					if v.Broken.Index != c.index || !strings.Contains(v.Broken.Reason, c.reason) {
						t.Errorf("%s: %v, want entry %d: …%s…", when, v.Broken, c.index, c.reason)
					}
					if last, ok := l.LastVerification(); !ok || last.OK {
						t.Errorf("%s: kept result %+v", when, last)
					}
				}
			})
		})
	}
}

func TestForgedEntryIsNotShown(t *testing.T) {
	ctx := context.Background()
	for _, name := range []string{"body", "body and its leaf hash", "body and every hash", "column initiator name"} {
		t.Run(name, func(t *testing.T) {
			db := storetest.Open(t)
			l, _ := tampered(t, db)
			tamperings[name].alter(t, db)
			entries, _, err := l.List(ctx, audit.Filter{Limit: 100})
			if err != nil || len(entries) != 40 {
				t.Fatalf("%d entries, %v", len(entries), err)
			}
			for _, e := range entries {
				if e.Index == 17 && (e.Broken == "" || e.Body != nil || e.Event.ID != "") {
					t.Errorf("shown as true: %+v", e)
				}
				if e.Broken == "" && e.Body == nil {
					t.Errorf("entry %d is neither shown nor refused", e.Index)
				}
			}
			if _, err := l.Inclusion(ctx, 17, 0); err == nil {
				t.Error("a proof was given for an altered entry")
			}
			x, err := l.Export(ctx, person("alice"), 0, 0)
			if err != nil {
				return
			}
			var buf bytes.Buffer
			werr := x.Write(ctx, &buf)
			_, verr := provable.Verify(&buf, l.Key, nil)
			if strings.HasPrefix(name, "body") && (werr == nil || verr == nil) {
				t.Errorf("an export of an altered log: %v, verifies with %v", werr, verr)
			}
		})
	}
}

func TestAlteredLogIsNotExtendedAndLosesNothing(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		l, _ := tampered(t, db)
		do(t, db, "CREATE TABLE hidden AS SELECT * FROM audit_entry WHERE idx >= 37 AND idx < 40")
		do(t, db, "DELETE FROM audit_entry WHERE idx >= 37")
		l = reopen(t, l)
		ev := created(99, start)
		record(t, db, l, ev)
		var broken *provable.Broken
		if _, err := l.Seal(ctx); !errors.As(err, &broken) || broken.Index != 37 {
			t.Fatalf("sealing a log without its end: %v", err)
		}
		if waiting := audittest.Recorded(t, db); len(waiting) != 1 || waiting[0].ID != ev.ID {
			t.Fatalf("waiting: %+v", waiting)
		}
		do(t, db, "INSERT INTO audit_entry SELECT * FROM hidden")
		if cp := seal(t, l); cp.Size != 41 {
			t.Errorf("after restoring: %+v", cp)
		}
		if v, err := l.Verify(ctx, nil); err != nil || !v.OK {
			t.Errorf("after restoring: %+v, %v", v, err)
		}
	})
}

func TestAnchorOutlivesTheDatabase(t *testing.T) {
	for name, alter := range map[string]func(t *testing.T, db *store.DB){
		"rewritten": func(t *testing.T, db *store.DB) {
			do(t, db, "UPDATE audit_entry SET body = ? WHERE idx = 3", []byte(forged))
			do(t, db, "DELETE FROM audit_checkpoint")
			rehash(t, db)
		},
		"begun anew": func(t *testing.T, db *store.DB) {
			for _, table := range []string{"audit_checkpoint", "audit_entry", "audit_hash"} {
				do(t, db, "DELETE FROM "+table)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			db := storetest.Open(t)
			c := audittest.Open(t, db, nil, clock.NewFake(start)).Config
			c.Anchor = filepath.Join(t.TempDir(), "checkpoint")
			l, err := audit.Open(context.Background(), c)
			if err != nil {
				t.Fatal(err)
			}
			fill(t, db, l, 8)
			seal(t, l)
			if text, err := os.ReadFile(c.Anchor); err != nil || !strings.HasPrefix(string(text), "test-log\n8\n") {
				t.Fatalf("anchor %q, %v", text, err)
			}
			alter(t, db)
			l = reopen(t, l)
			v, err := l.Verify(context.Background(), nil)
			if err != nil || v.OK {
				t.Errorf("%+v, %v", v, err)
			}
			if name == "begun anew" && !strings.Contains(v.Broken.Reason, c.Anchor) {
				t.Errorf("the remedy is not named: %v", v.Broken)
			}
			if cp, err := l.Seal(context.Background()); err == nil {
				t.Errorf("a forged log was signed: %+v", cp)
			}
		})
	}
}
