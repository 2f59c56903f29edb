package export_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/audit/audittest"
	"github.com/thingward/thingward/server/export"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

func TestOrdersAreChecked(t *testing.T) {
	w := open(t, fleetOf{devices: 3})
	later := now.Add(time.Hour)
	for path, o := range map[string]export.Order{
		"formats":           {},
		"formats[1]":        {Formats: []string{"csv", "docx"}},
		"at":                {Formats: []string{"csv"}, At: &later},
		"engagement":        {Formats: []string{"csv"}, Engagement: "none"},
		"scope.domains[0]":  {Formats: []string{"csv"}, Scope: export.Scope{Domains: []string{"NOPE"}}},
		"scope.controls[0]": {Formats: []string{"csv"}, Scope: export.Scope{Controls: []string{"NOPE-01"}}},
		"scope.framework":   {Formats: []string{"csv"}, Scope: export.Scope{Framework: "nope"}},
	} {
		_, err := w.Ask(context.Background(), o, false)
		var told *fleet.Error
		if !errors.As(err, &told) || told.Code != fleet.CodeInvalid || told.Fields[0].Path != path {
			t.Errorf("%s: %v", path, err)
		}
	}
	if len(audittest.Recorded(t, w.db)) != 0 {
		t.Error("a refused order is in the log")
	}
}

func TestQueueIsBounded(t *testing.T) {
	w := open(t, fleetOf{devices: 3})
	var err error
	n := 0
	for ; err == nil && n < 100; n++ {
		_, err = w.Ask(context.Background(), export.Order{Formats: []string{"csv"}}, false)
	}
	var told *fleet.Error
	if !errors.As(err, &told) || told.Code != fleet.CodeUnavailable || told.RetryAfter == 0 || n != 11 {
		t.Errorf("after %d: %v", n, err)
	}
}

// A pack that a kill interrupted is made after the next start, for the same moment and on the record, before what only waited;
// its half is gone.
func TestInterruptedPackIsTakenUpAgain(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		w := openOn(t, db, fleetOf{devices: 3, findings: 3000})
		ctx := context.Background()
		first, err := w.Ask(ctx, export.Order{Formats: []string{"csv"}}, false)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Ask(ctx, export.Order{Formats: []string{"csv"}}, false); err != nil {
			t.Fatal(err)
		}
		// As a kill in the middle leaves it.
		read := now.Add(-time.Minute)
		if err := w.db.Keep(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec("UPDATE export_job SET state = 'running', node = 'killed', attempts = 1, beat = ?, moment = ? WHERE id = ?", store.Time(now), store.Time(read), first.ID)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		half := filepath.Join(w.dir, first.ID, "spool")
		if err := os.MkdirAll(half, 0o700); err != nil {
			t.Fatal(err)
		}
		w.clock.Advance(3 * time.Minute)
		w.start()
		if got, err := w.Job(ctx, first.ID); err != nil || got.State != "queued" {
			t.Errorf("%+v, %v", got, err)
		}
		if _, err := os.Stat(half); !os.IsNotExist(err) {
			t.Errorf("half a pack is left: %v", err)
		}
		if worked, err := w.Next(ctx); !worked || err != nil {
			t.Fatal(worked, err)
		}
		got, err := w.Job(ctx, first.ID)
		if err != nil || got.State != "done" || !got.Figures.At.Equal(read) {
			t.Errorf("%s %s, of %+v, %v", got.State, got.Reason, got.Figures, err)
		}
		if evs := audittest.Recorded(t, db); evs[len(evs)-1].Type != "export.resumed" || evs[len(evs)-1].Data["attempt"] != 2.0 {
			t.Errorf("%+v", evs[len(evs)-1])
		}
	})
}

// A stop while a pack is made lets it wait for the next start; after three attempts it is failed, with the reason and on the
// record.
func TestStopWhileMaking(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		w := openOn(t, db, fleetOf{devices: 3, findings: 3000})
		j, err := w.Ask(context.Background(), export.Order{Formats: []string{"csv"}}, false)
		if err != nil {
			t.Fatal(err)
		}
		for attempt := range 3 {
			ctx, stop := context.WithCancel(context.Background())
			w.conf.Readers.Risks = stopping{stop}
			w.start()
			if _, err := w.Next(ctx); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
			want := "queued"
			if attempt == 2 {
				want = "failed"
			}
			if got, err := w.Job(context.Background(), j.ID); err != nil || got.State != want {
				t.Errorf("attempt %d: %s %s, %v", attempt+1, got.State, got.Reason, err)
			}
		}
		if got, _ := w.Job(context.Background(), j.ID); !strings.Contains(got.Reason, "interrupted 3 times") || got.Ended == nil {
			t.Errorf("%+v", got)
		}
		if evs := audittest.Recorded(t, db); evs[len(evs)-1].Type != "export.failed" {
			t.Errorf("%+v", evs[len(evs)-1])
		}
		if worked, err := w.Next(context.Background()); worked || err != nil {
			t.Error("a fourth attempt", err)
		}
	})
}

// Every node hands out a pack that one of them made, and believes the database only with the hash of the list; its end removes
// it everywhere. What one node makes, no other begins.
func TestPacksAreOnEveryNode(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		w := openOn(t, db, fleetOf{devices: 3000, findings: 50})
		w.conf.Shared = true
		w.start()
		j := w.made(export.Order{Formats: []string{"csv"}}, false)
		conf := w.conf
		conf.Dir = t.TempDir()
		other, err := export.New(ctx, conf)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range j.Files {
			meta, file, err := other.Open(ctx, j.ID, f.Name)
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(file)
			if err != nil || int64(len(b)) != meta.Size {
				t.Errorf("%s: %d of %d bytes, %v", f.Name, len(b), meta.Size, err)
			}
			_ = file.Close()
		}
		conf.Dir = t.TempDir()
		third, err := export.New(ctx, conf)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Keep(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec("DELETE FROM export_chunk WHERE file = 'pack.zip' AND n = 0")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if _, _, err := third.Open(ctx, j.ID, "pack.zip"); fleet.CodeOf(err) != fleet.CodeUnavailable {
			t.Errorf("a file that is not whole: %v", err)
		}

		next, err := w.Ask(ctx, export.Order{Formats: []string{"csv"}}, false)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Keep(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(`UPDATE export_job SET state = 'running', node = 'another', attempts = 1, beat = ?, progress = '{"done":3,"total":9,"step":"reading"}' WHERE id = ?`, store.Time(now), next.ID)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if got, err := other.Job(ctx, next.ID); err != nil || got.Progress.Done != 3 || got.Progress.Step != "reading" {
			t.Errorf("%+v, %v", got, err)
		}
		if worked, err := other.Next(ctx); worked || err != nil {
			t.Errorf("two nodes make one pack: %v", err)
		}

		w.clock.Advance(8 * 24 * time.Hour)
		if err := errors.Join(w.Sweep(ctx), other.Sweep(ctx)); err != nil {
			t.Fatal(err)
		}
		var left int
		if err := db.QueryRow(ctx, "SELECT count(*) FROM export_chunk").Scan(&left); err != nil || left != 0 {
			t.Errorf("%d pieces are left, %v", left, err)
		}
		if _, _, err := other.Open(ctx, j.ID, "pack.zip"); fleet.CodeOf(err) != fleet.CodeNotFound {
			t.Error(err)
		}
	})
}

// stopping ends the server while risks are read.
type stopping struct{ stop func() }

// Risks stops.
func (s stopping) Risks(ctx context.Context, _ time.Time, _ func(export.Risk) error) error {
	s.stop()
	return ctx.Err()
}

// failing is a register that cannot be read.
type failing struct{ err error }

// Risks fails.
func (f failing) Risks(context.Context, time.Time, func(export.Risk) error) error { return f.err }

func TestFailureTellsNoInternals(t *testing.T) {
	w := open(t, fleetOf{devices: 3})
	w.conf.Readers.Risks = failing{errors.New("pq: password of user x")}
	w.start()
	ctx := context.Background()
	j, err := w.Ask(ctx, export.Order{Formats: []string{"csv"}}, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Next(ctx); err == nil {
		t.Error("the log hears of nothing")
	}
	if j, err = w.Job(ctx, j.ID); err != nil {
		t.Fatal(err)
	}
	if j.State != "failed" || strings.Contains(j.Reason, "password") || !strings.Contains(j.Reason, "log says why") {
		t.Errorf("%s: %s", j.State, j.Reason)
	}
}

func TestFilesAreFetchedWithAnEntryAndEnd(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) { fetchAndEnd(t, openOn(t, db, fleetOf{devices: 3, findings: 5})) })
}

func fetchAndEnd(t *testing.T, w *world) {
	t.Helper()
	ctx := context.Background()
	j := w.made(export.Order{Formats: []string{"csv"}}, false)
	if j.Checkpoint == nil || j.Expires == nil || j.Progress.Done != j.Progress.Total {
		t.Errorf("%+v", j)
	}
	meta, f, err := w.Open(ctx, j.ID, "pack.zip")
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(f)
	if err != nil || int64(len(b)) != meta.Size {
		t.Errorf("%d of %d bytes, %v", len(b), meta.Size, err)
	}
	_ = f.Close()
	evs := audittest.Recorded(t, w.db)
	if last := evs[len(evs)-1]; last.Type != "export.downloaded" || last.Data["sha256"] != meta.SHA256 {
		t.Errorf("%+v", last)
	}
	for _, name := range []string{"../thingward.db", "nope.csv", ""} {
		if _, _, err := w.Open(ctx, j.ID, name); fleet.CodeOf(err) != fleet.CodeNotFound {
			t.Errorf("%q: %v", name, err)
		}
	}
	w.clock.Advance(8 * 24 * time.Hour)
	if err := w.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(w.dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	if _, _, err := w.Open(ctx, j.ID, "pack.zip"); fleet.CodeOf(err) != fleet.CodeNotFound {
		t.Error(err)
	}
}

// The log's entries are in packs of those alone who may read the log.
func TestEntriesAreForAuditors(t *testing.T) {
	w := open(t, fleetOf{devices: 3})
	for _, auditor := range []bool{true, false} {
		j := w.made(export.Order{Formats: []string{"csv"}}, auditor)
		b, err := os.ReadFile(filepath.Join(w.dir, j.ID, "proofs.json"))
		if err != nil {
			t.Fatal(err)
		}
		var p struct {
			Controls []struct{ Proof *export.Proof }
		}
		if err := json.Unmarshal(b, &p); err != nil {
			t.Fatal(err)
		}
		bodies := 0
		for _, c := range p.Controls {
			if c.Proof != nil && c.Proof.Body != "" {
				bodies++
			}
		}
		if (bodies > 0) != auditor {
			t.Errorf("auditor %v: %d entries", auditor, bodies)
		}
	}
}

// audits has one engagement.
type audits struct{}

// Has knows e1.
func (audits) Has(_ context.Context, id string) (bool, error) { return id == "e1", nil }

// Content is its title.
func (audits) Content(context.Context, string) (any, error) {
	return map[string]string{"title": "Annual audit"}, nil
}

func TestPackOfAnEngagementHoldsIt(t *testing.T) {
	w := open(t, fleetOf{devices: 3})
	w.conf.Readers.Engagements = audits{}
	w.start()
	j := w.made(export.Order{Formats: []string{"csv"}, Engagement: "e1"}, false)
	b, err := os.ReadFile(filepath.Join(w.dir, j.ID, "engagement.json"))
	if err != nil || !strings.Contains(string(b), "Annual audit") {
		t.Errorf("%s: %s %v", j.Reason, b, err)
	}
}

// A pack of a past moment says that it is one.
func TestPast(t *testing.T) {
	w := open(t, fleetOf{devices: 3})
	then := now.AddDate(0, -1, 0)
	j := w.made(export.Order{Formats: []string{"csv", "pdf"}, At: &then}, false)
	if j.State != "done" || !j.Figures.At.Equal(then) {
		t.Fatalf("%s %s %v", j.State, j.Reason, j.Figures)
	}
	b, err := os.ReadFile(filepath.Join(w.dir, j.ID, "summary.csv"))
	if err != nil || !strings.Contains(string(b), "past moment") || !strings.Contains(string(b), "2026-10-22T18:30:00Z") {
		t.Errorf("%s %v", b, err)
	}
}
