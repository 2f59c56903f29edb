package audit_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/kit/provable"
	"github.com/thingward/thingward/server/audit"
	"github.com/thingward/thingward/server/audit/audittest"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func person(name string) fleet.Party {
	return fleet.Party{Kind: "person", ID: "id-of-" + name, Name: name, Address: "192.0.2.1"}
}

// created is the event of one more device.
func created(n int, at time.Time) fleet.Event {
	device := fmt.Sprintf("device-%d", n)
	return fleet.NewEvent("device.created", at, person("alice"), fleet.Party{Kind: "device", ID: device, Name: "Lock " + device}, map[string]any{"device": device, "type": "lock", "name": "Lock <" + device + ">"})
}

func record(t testing.TB, db *store.DB, l *audit.Log, evs ...fleet.Event) {
	t.Helper()
	for _, ev := range evs {
		if err := db.Change(context.Background(), func(tx *store.Tx) error { return l.Record(tx, ev) }); err != nil {
			t.Fatal(err)
		}
	}
}

func fill(t testing.TB, db *store.DB, l *audit.Log, n int) {
	t.Helper()
	size, err := l.Size(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	err = db.Change(context.Background(), func(tx *store.Tx) error {
		for i := range n {
			if err := l.Record(tx, created(int(size)+i, l.Clock.Now())); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func seal(t testing.TB, l *audit.Log) provable.Checkpoint {
	t.Helper()
	cp, err := l.Seal(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return cp
}

func TestRecordedEntriesAreSealedAndProved(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		ctx, clk := context.Background(), clock.NewFake(start)
		l := audittest.Open(t, db, nil, clk)
		var points []provable.Checkpoint
		total := 0
		for _, n := range []int{1, 2, 5, 1, 70, 3} {
			fill(t, db, l, n)
			total += n
			clk.Advance(2 * time.Minute) // far enough apart for every checkpoint to be kept
			cp := seal(t, l)
			if cp.Size != int64(total) || !cp.Time.Equal(clk.Now()) {
				t.Fatalf("checkpoint %+v of %d entries", cp, total)
			}
			points = append(points, cp)
		}
		last := points[len(points)-1]
		var tree provable.Tree
		for i := range int64(total) {
			for _, cp := range points {
				if cp.Size <= i {
					continue
				}
				p, err := l.Inclusion(ctx, i, cp.Size)
				if err != nil {
					t.Fatal(err)
				}
				if err := tlog.CheckRecord(p.Hashes, cp.Size, cp.Root, i, tlog.RecordHash(p.Entry.Body)); err != nil || p.Checkpoint != cp {
					t.Fatalf("entry %d in %d: %v, checkpoint %+v", i, cp.Size, err, p.Checkpoint)
				}
			}
			e, err := l.Entry(ctx, i)
			if err != nil || !e.Sealed || e.Broken != "" || e.Event.Receiver.ID != fmt.Sprintf("device-%d", i) {
				t.Fatalf("entry %d: %+v, %v", i, e, err)
			}
			tree.Append(nil, tlog.RecordHash(e.Body))
		}
		if tree.Root() != last.Root {
			t.Error("the entries do not give the root")
		}
		for _, cp := range points {
			proof, _, err := l.Consistency(ctx, cp.Size, 0)
			if err != nil {
				t.Fatal(err)
			}
			if err := tlog.CheckTree(proof, last.Size, last.Root, cp.Size, cp.Root); err != nil {
				t.Errorf("from %d: %v", cp.Size, err)
			}
		}
		v, err := l.Verify(ctx, nil)
		if err != nil || !v.OK || v.Size != int64(total) || v.Sealed != v.Size || v.Root != last.Root || v.Checkpoints != int64(len(points)) {
			t.Errorf("verification %+v, %v", v, err)
		}
	})
}
