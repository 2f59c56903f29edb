package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/audit"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/store"
)

const clockLook = 10 * time.Second

// rememberTime lets the server's time begin no earlier than the audit log was last signed: a clock that was set back while the
// server was down revives nothing either. A checkpoint that cannot be trusted says nothing; the log's verification tells of it.
func (s *Server) rememberTime(ctx context.Context) {
	if s.forward == nil { // a part of a server, in a test that holds its clock
		s.forward = clock.NewForward(s.clock, time.Time{}, nil)
	}
	cp, err := s.audit.Checkpoint(ctx)
	if err != nil {
		s.log.Warn("the audit log's last checkpoint was not read: the clock is taken as it is", "error", err)
		return
	}
	s.forward.Raise(cp.Time)
}

// watchClock tells once of each time the machine's clock is behind what was seen before.
func (s *Server) watchClock(ctx context.Context) error {
	for told := false; ; {
		behind := s.forward.Behind()
		switch {
		case behind > posture.Skew && !told:
			told = true
			s.log.Error("the machine's clock is behind what was seen before: time goes on from there; see docs/operating.md", "behind", behind.String(), "time", s.clock.Now())
			s.lifeEvent(ctx, "clock.set-back", map[string]any{"time": s.clock.Now(), "clock": s.clock.Now().Add(-behind), "seconds": int64(behind / time.Second)})
		case behind <= posture.Skew && told:
			told = false
			s.log.Info("the machine's clock is right again")
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.clock.After(clockLook):
		}
	}
}

// AcceptClock takes the machine's clock for right although the audit log has seen later times: it was wrongly ahead before. The
// server must be stopped; who may, and why, is as with Recover. What ended meanwhile stays ended, and entries keep their times.
func AcceptClock(ctx context.Context, c Config, reason string) (seen, now time.Time, err error) {
	if strings.TrimSpace(reason) == "" {
		return seen, now, fleet.Invalid("reason", "say why the times that the log has seen were wrong, for those who read it later")
	}
	if err := ownFolder(c.Data); err != nil {
		return seen, now, err
	}
	d, err := openData(c.Data)
	if err != nil {
		return seen, now, err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	if err := d.checkEngine(c.Database); err != nil {
		return seen, now, err
	}
	key, err := d.key(false)
	if err != nil {
		return seen, now, err
	}
	db, err := store.Open(ctx, store.Config{URL: databaseURL(d, c.Database)})
	if err != nil {
		return seen, now, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	clk := clock.Real{}
	log, err := openAudit(ctx, d, key, audit.Config{DB: db, Clock: clk, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return seen, now, err
	}
	return acceptClock(ctx, db, log, clk, reason)
}

// acceptClock writes why, and signs a checkpoint that carries the clock's time: the next start begins with that.
func acceptClock(ctx context.Context, db *store.DB, log *audit.Log, clk clock.Clock, reason string) (seen, now time.Time, err error) {
	last, err := log.Checkpoint(ctx)
	if err != nil {
		return seen, now, err
	}
	if seen, now = last.Time, clk.Now(); !seen.After(now) {
		return seen, now, fleet.Errorf(fleet.CodeConflict, "the clock says %s and the log was last signed at %s: the clock is not behind, there is nothing to accept", now.Format(time.RFC3339), seen.Format(time.RFC3339))
	}
	ev := fleet.NewEvent("clock.accepted", now, fleet.Server("recovery"), fleet.Server("core"), map[string]any{"time": now, "seen": seen, "reason": reason})
	if err := db.Change(ctx, func(tx *store.Tx) error { return log.Record(tx, ev) }); err != nil {
		return seen, now, err
	}
	if _, err := log.Seal(ctx); err != nil {
		return seen, now, fmt.Errorf("the clock was accepted, and no checkpoint could be signed: start the server, which signs one, and accept again if time is still wrong: %w", err)
	}
	return seen, now, nil
}
