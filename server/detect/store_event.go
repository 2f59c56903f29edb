package detect

import (
	"context"
	"encoding/json"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/store"
)

// findEvents searches the copy of the event stream, newest first.
func (s *Service) findEvents(ctx context.Context, f EventFilter) (evs []fleet.Event, err error) {
	c := f.conditions()
	rows, err := s.DB.Query(ctx, "SELECT body FROM detect_event"+c.where()+" ORDER BY time DESC, id DESC LIMIT ?", append(c.args, f.Limit)...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var body []byte
		var ev fleet.Event
		if err := rows.Scan(&body); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(body, &ev); err != nil {
			return nil, err
		}
		evs = append(evs, ev)
	}
	return evs, rows.Err()
}

func (f EventFilter) conditions() (c conditions) {
	c.oneOf("type", f.Types)
	c.oneOf("severity", f.Severities)
	if f.Subject != "" {
		c.and("(initiator_id = ? OR receiver_id = ? OR initiator_name = ? OR receiver_name = ?)", f.Subject, f.Subject, f.Subject, f.Subject)
	}
	if !f.From.IsZero() {
		c.and("time >= ?", store.Time(f.From))
	}
	if !f.To.IsZero() {
		c.and("time <= ?", store.Time(f.To))
	}
	if f.BeforeID != "" {
		c.and("(time < ? OR (time = ? AND id < ?))", store.Time(f.Before), store.Time(f.Before), f.BeforeID)
	}
	c.like(f.Text, "type", "initiator_name", "initiator_id", "initiator_address", "receiver_name", "receiver_id", "receiver_address")
	return c
}

const (
	pruneEvery = time.Minute
	pruneRows  = 2000 // deleted in one transaction, so that nobody waits long for it
	sentKept   = 30 * 24 * time.Hour
)

// pruneLoop forgets what is too old or too much, every minute.
func (s *Service) pruneLoop(ctx context.Context) {
	for {
		if err := s.prune(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("old events not removed, trying again", "error", err)
		}
		if !sleep(ctx, s.Clock, pruneEvery) {
			return
		}
	}
}

func sleep(ctx context.Context, c clock.Clock, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-c.After(d):
		return true
	}
}

func (s *Service) prune(ctx context.Context) error {
	now := s.Clock.Now()
	before := store.Time(now.Add(-s.EventsKept))
	var surplus int64 // time of the newest event that is one too many
	err := s.DB.QueryRow(ctx, "SELECT time FROM detect_event ORDER BY time DESC, id DESC LIMIT 1 OFFSET ?", s.MaxEvents).Scan(&surplus)
	if err != nil && !store.IsNoRows(err) {
		return err
	}
	if err == nil {
		before = max(before, surplus+1)
	}
	if err := s.deleteSome(ctx, "DELETE FROM detect_event WHERE id IN (SELECT id FROM detect_event WHERE time < ? ORDER BY time LIMIT ?)", before); err != nil {
		return err
	}
	done := store.Time(now.Add(-sentKept))
	if err := s.deleteSome(ctx, "DELETE FROM detect_delivery WHERE id IN (SELECT id FROM detect_delivery WHERE state <> 'pending' AND done < ? LIMIT ?)", done); err != nil {
		return err
	}
	// A counter untouched for longer than the widest window and lateness has nothing left to count with.
	cold := store.Time(now.Add(-windowMost - lateness))
	return s.deleteSome(ctx, "DELETE FROM detect_counter WHERE touched < ? AND touched IN (SELECT touched FROM detect_counter ORDER BY touched LIMIT ?)", cold)
}

// deleteSome repeats query, which deletes a bounded number of rows, until it has nothing left to do.
func (s *Service) deleteSome(ctx context.Context, query string, limit int64) error {
	for {
		var n int64
		err := s.DB.Keep(ctx, func(tx *store.Tx) (err error) {
			n, err = tx.Exec(query, limit, pruneRows)
			return err
		})
		if err != nil || n < pruneRows {
			return err
		}
	}
}
