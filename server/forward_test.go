package server

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/audit/audittest"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

// A clock that was wrongly a year ahead left its times in the log: the next start begins there, until the operator accepts
// the clock as it is now, on the record.
func TestClockIsAcceptedOnTheRecord(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
		fake := clock.NewFake(now.AddDate(1, 0, 0))
		log := audittest.Open(t, db, nil, fake)
		say := func() {
			ev := fleet.NewEvent("server.setup", fake.Now(), fleet.Server("setup"), fleet.Server("core"), map[string]any{"version": "1"})
			if err := db.Change(ctx, func(tx *store.Tx) error { return log.Record(tx, ev) }); err != nil {
				t.Fatal(err)
			}
			if _, err := log.Seal(ctx); err != nil {
				t.Fatal(err)
			}
		}
		say()
		fake.Set(now)
		begun := func() time.Time {
			s := &Server{audit: log, forward: clock.NewForward(fake, time.Time{}, func() time.Duration { return 0 })}
			s.rememberTime(ctx)
			return s.forward.Now()
		}
		if got := begun(); !got.Equal(now.AddDate(1, 0, 0)) {
			t.Errorf("time begins at %v, before what the log has seen", got)
		}
		seen, at, err := acceptClock(ctx, db, log, fake, "the battery of the clock was changed")
		if err != nil || !seen.Equal(now.AddDate(1, 0, 0)) || !at.Equal(now) {
			t.Errorf("%v %v %v", seen, at, err)
		}
		if got := begun(); !got.Equal(now) {
			t.Errorf("accepted, and time begins at %v", got)
		}
		if _, _, err := acceptClock(ctx, db, log, fake, "again"); fleet.CodeOf(err) != fleet.CodeConflict {
			t.Errorf("accepted twice: %v", err)
		}
		fake.Advance(time.Hour)
		say()
		if got := begun(); !got.Equal(now.Add(time.Hour)) {
			t.Errorf("later, time begins at %v", got)
		}
	})
}

func TestAcceptClockNeedsAReasonAndAFolder(t *testing.T) {
	ctx := context.Background()
	dir := filepath.Join(t.TempDir(), "data")
	if err := Setup(ctx, SetupOptions{Data: dir, Admin: "ada-admin", Password: "nine-wet-otters-42-climb", Organisation: "Test"}); err != nil {
		t.Fatal(err)
	}
	c := Default()
	c.Data = dir
	if _, _, err := AcceptClock(ctx, c, " "); fleet.CodeOf(err) != fleet.CodeInvalid {
		t.Errorf("without a reason: %v", err)
	}
	if _, _, err := AcceptClock(ctx, c, "to see"); err == nil || !strings.Contains(err.Error(), "not behind") {
		t.Errorf("a clock that is right: %v", err)
	}
	c.Data = filepath.Join(dir, "none")
	if _, _, err := AcceptClock(ctx, c, "to see"); err == nil {
		t.Error("a folder that does not exist")
	}
}
