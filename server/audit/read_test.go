package audit_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/kit/provable"
	"github.com/thingward/thingward/server/audit"
	"github.com/thingward/thingward/server/audit/audittest"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

func TestListFilters(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		l := audittest.Open(t, db, nil, clock.NewFake(start))
		for i := range 6 {
			ev := created(i, start.Add(time.Duration(i)*time.Hour))
			if i%2 == 1 {
				ev = refused(i, start.Add(time.Duration(i)*time.Hour))
			}
			record(t, db, l, ev)
			seal(t, l)
		}
		for name, c := range map[string]struct {
			f    audit.Filter
			want string
			more bool
		}{
			"all":            {audit.Filter{Limit: 10}, "543210", false},
			"page":           {audit.Filter{Limit: 4}, "5432", true},
			"next page":      {audit.Filter{Limit: 4, Before: 2}, "10", false},
			"type":           {audit.Filter{Limit: 10, Type: "publish.refused"}, "531", false},
			"type beginning": {audit.Filter{Limit: 10, Type: "device."}, "420", false},
			"unknown type":   {audit.Filter{Limit: 10, Type: "nothing"}, "", false},
			"actor by name":  {audit.Filter{Limit: 10, Actor: "alice"}, "420", false},
			"actor by id":    {audit.Filter{Limit: 2, Actor: "id-of-alice"}, "42", true},
			"object":         {audit.Filter{Limit: 10, Object: "device-4"}, "4", false},
			"time":           {audit.Filter{Limit: 10, From: start.Add(2 * time.Hour), To: start.Add(4 * time.Hour)}, "32", false},
			"hostile":        {audit.Filter{Limit: 10, Object: "'; DROP TABLE audit_entry; --%_\\"}, "", false},
		} {
			entries, more, err := l.List(context.Background(), c.f)
			got := ""
			for _, e := range entries {
				got += string(rune('0' + e.Index))
			}
			if err != nil || got != c.want || more != c.more {
				t.Errorf("%s: %q, more %v, %v; want %q, %v", name, got, more, err, c.want, c.more)
			}
		}
	})
}

func TestLargeEntriesComeInShorterPages(t *testing.T) {
	db := storetest.Open(t)
	l := audittest.Open(t, db, nil, clock.NewFake(start))
	for i := range 40 {
		ev := created(i, start)
		ev.Data["note"] = strings.Repeat("x", 1000<<10)
		record(t, db, l, ev)
	}
	seal(t, l)
	entries, more, err := l.List(context.Background(), audit.Filter{Limit: 40})
	if err != nil || !more || len(entries) == 0 || len(entries) > 20 {
		t.Errorf("%d entries, more %v, %v", len(entries), more, err)
	}
	if v, err := l.Verify(context.Background(), nil); err != nil || !v.OK || v.Checked != 40 {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestUnsealedEntriesSaySo(t *testing.T) {
	db := storetest.Open(t)
	b := created(0, start)
	l := audittest.Open(t, db, nil, clock.NewFake(start))
	if _, err := l.Inclusion(context.Background(), 0, 0); fleet.CodeOf(err) != fleet.CodeNotFound {
		t.Errorf("proof in an empty log: %v", err)
	}
	if _, err := l.Export(context.Background(), person("alice"), 0, 0); fleet.CodeOf(err) != fleet.CodeConflict {
		t.Errorf("export of an empty log: %v", err)
	}
	record(t, db, l, b)
	if n, err := l.Pending(context.Background()); err != nil || n != 1 {
		t.Errorf("%d pending, %v", n, err)
	}
	seal(t, l)
	if n, err := l.Pending(context.Background()); err != nil || n != 0 {
		t.Errorf("%d pending, %v", n, err)
	}
}

func TestExportVerifiesAndIsRecorded(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		l, _ := tampered(t, db)
		old, err := l.Checkpoint(ctx)
		if err != nil {
			t.Fatal(err)
		}
		fill(t, db, l, 700)
		seal(t, l)
		for _, r := range [][2]int64{{0, 0}, {0, 40}, {17, 18}, {25, 300}, {739, 740}} {
			x, err := l.Export(ctx, person("alice"), r[0], r[1])
			if err != nil {
				t.Fatal(err)
			}
			var buf bytes.Buffer
			if err := x.Write(ctx, &buf); err != nil {
				t.Fatal(err)
			}
			var expect *provable.Checkpoint
			if r[0] < old.Size && r[1] >= old.Size {
				expect = &old
			}
			res, err := provable.Verify(&buf, l.Key, expect)
			if err != nil || res.Header.From != r[0] || (expect != nil && !res.Compared) {
				t.Errorf("%v: %+v, %v", r, res, err)
			}
		}
		seal(t, l)
		entries, _, err := l.List(ctx, audit.Filter{Type: "audit.exported", Actor: "alice", Limit: 10})
		if err != nil || len(entries) != 5 {
			t.Errorf("%d exports are recorded, %v", len(entries), err)
		}
		for _, r := range [][2]int64{{-1, 5}, {6, 5}, {0, 1 << 40}} {
			if _, err := l.Export(ctx, person("alice"), r[0], r[1]); fleet.CodeOf(err) != fleet.CodeInvalid {
				t.Errorf("export %v: %v", r, err)
			}
		}
	})
}
