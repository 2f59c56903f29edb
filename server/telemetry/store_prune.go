package telemetry

import (
	"context"
	"time"

	"github.com/thingward/thingward/server/store"
)

const pruneBatch = 200 // series in one transaction, so that writers never wait long

func (s *Service) pruneLoop(ctx context.Context) {
	for {
		if err := s.Prune(ctx, s.Clock.Now().Add(-s.Retention)); err != nil && ctx.Err() == nil {
			s.Log.Error("old readings not pruned: tried again in an hour", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-s.Clock.After(pruneEvery):
		}
	}
}

// Prune deletes the readings from before a time, in small batches.
func (s *Service) Prune(ctx context.Context, before time.Time) error {
	for after := int64(-1); ; {
		ids, err := s.seriesAfter(ctx, after, pruneBatch)
		if err != nil || len(ids) == 0 {
			return err
		}
		err = s.DB.Keep(ctx, func(tx *store.Tx) error {
			for _, id := range ids {
				if _, err := tx.Exec("DELETE FROM telemetry_point WHERE series = ? AND ts < ?", id, store.Time(before)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		after = ids[len(ids)-1]
	}
}

func (s *Service) seriesAfter(ctx context.Context, after int64, most int) (ids []int64, err error) {
	rows, err := s.DB.Query(ctx, "SELECT id FROM telemetry_series WHERE id > ? ORDER BY id LIMIT ?", after, most)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}
