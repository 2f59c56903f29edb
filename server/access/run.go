package access

import (
	"context"
	"errors"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

const (
	sweepEvery  = time.Minute
	endedKept   = 30 * 24 * time.Hour // how long an ended session is known as ended
	failureMost = 100000              // names whose failures are remembered
)

// Run ends sessions whose time is over, forgets what is no longer needed and reports failures that were only counted. It
// returns when ctx ends.
func (s *Service) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.wake:
			continue // an account got an end: it may be sooner
		case <-s.Clock.After(s.untilSweep(ctx)):
			if err := s.sweep(ctx); err != nil && ctx.Err() == nil {
				s.Log.Error("sessions not swept", "error", err)
			}
		}
	}
}

func (s *Service) sweep(ctx context.Context) error {
	now := s.Clock.Now()
	s.sessions.sweep(now)
	for address, n := range s.addresses.sweep(now) {
		s.publish(fleet.NewEvent("login.failed", now, fleet.Anonymous(address), fleet.Server("access"),
			map[string]any{"surface": "api", "account": unknownName, "reason": string(refusedFlood), "address": address, "unreported": n}))
	}
	return errors.Join(s.endAccounts(ctx, now), s.endExpired(ctx, now), s.forget(ctx, now))
}

// endExpired ends the sessions whose time is over, each with its event.
func (s *Service) endExpired(ctx context.Context, now time.Time) error {
	return s.DB.Keep(ctx, func(tx *store.Tx) error {
		over, err := expiredSessions(tx, now)
		if err != nil {
			return err
		}
		for _, row := range over {
			reason := "expired"
			if now.Before(row.expires) {
				reason = "idle"
			}
			n, err := endSessions(tx, ending{account: row.account, session: row.id, at: now, reason: reason})
			if err != nil {
				return err
			}
			if n > 0 && row.kind != kindToken {
				ev := fleet.NewEvent("session.closed", now, fleet.Server("access"), fleet.Party{Kind: "account", ID: row.account}, map[string]any{"session": row.id, "reason": reason})
				tx.OnCommit(func() { s.publish(ev); s.endedSession(row.id) })
			}
		}
		return nil
	})
}

func expiredSessions(tx *store.Tx, now time.Time) (out []session, err error) {
	// A minute more than idle: the last use may not have reached the database yet.
	rows, err := tx.Query("SELECT "+sessionColumns+" WHERE ended = 0 AND (expires <= ? OR (idle > 0 AND seen + idle <= ?)) ORDER BY id LIMIT 1000",
		store.Time(now), store.Time(now.Add(-seenEvery)))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		row, err := scanSession(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, rows.Err()
}

// forget deletes what has had its time: long-ended sessions, expired links, old failures. However many names were tried,
// only so many are remembered; a lock in force is never forgotten.
func (s *Service) forget(ctx context.Context, now time.Time) error {
	return s.DB.Keep(ctx, func(tx *store.Tx) error {
		for _, d := range []struct {
			sql string
			at  time.Time
		}{
			{"DELETE FROM access_session WHERE ended > 0 AND ended < ?", now.Add(-endedKept)},
			{"DELETE FROM access_link WHERE expires < ?", now},
			{"DELETE FROM access_failure WHERE last < ?", now.Add(-2 * s.Rules.MaxLock)},
		} {
			if _, err := tx.Exec(d.sql, store.Time(d.at)); err != nil {
				return err
			}
		}
		_, err := tx.Exec(`DELETE FROM access_failure WHERE until < ? AND name_key NOT IN (SELECT name_key FROM access_account) AND last <
  (SELECT COALESCE(MIN(last), 0) FROM (SELECT last FROM access_failure ORDER BY last DESC LIMIT ?) newest)`, store.Time(now), failureMost)
		return err
	})
}
