package export

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

const (
	attemptsMost = 3
	beatEvery    = 15 * time.Second
	beatLost     = 2 * time.Minute // a node that has said nothing for so long makes nothing any more
)

var errTaken = errors.New("another node makes this pack")

// claim makes a waiting pack this node's; false when another node was faster.
func (s *Service) claim(ctx context.Context, j *Job) (mine bool, err error) {
	j.attempts++
	act := func(tx *store.Tx) error {
		n, err := tx.Exec("UPDATE export_job SET state = ?, node = ?, beat = ?, attempts = ?, ended = 0, reason = '' WHERE id = ? AND state = ?",
			running, s.node, store.Time(s.Clock.Now()), j.attempts, j.ID, queued)
		if mine = n == 1; err != nil || !mine {
			return errors.Join(err, errTaken)
		}
		if j.attempts == 1 {
			return nil
		}
		return s.record(tx, "export.resumed", j.ID, map[string]any{"attempt": j.attempts})
	}
	if j.attempts == 1 {
		err = s.DB.Keep(ctx, act)
	} else {
		err = s.DB.Change(ctx, act)
	}
	if errors.Is(err, errTaken) && !mine {
		return false, nil
	}
	return mine, err
}

func (s *Service) record(tx *store.Tx, typ, job string, data map[string]any) error {
	data["export"] = job
	return s.Audit.Record(tx, fleet.NewEvent(typ, s.Clock.Now(), fleet.Server("export"), fleet.Party{Kind: "export", ID: job}, data))
}

// beating says again and again that this node makes a pack, and how far it is, until ctx ends. It calls lost when the pack was
// given to another node.
func (s *Service) beating(ctx context.Context, job string, lost func()) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.Clock.After(beatEvery):
		}
		s.mu.Lock()
		at := s.at
		s.mu.Unlock()
		held := true
		err := s.DB.Keep(ctx, func(tx *store.Tx) error {
			n, err := tx.Exec("UPDATE export_job SET beat = ?, progress = ? WHERE id = ? AND state = ? AND node = ?", store.Time(s.Clock.Now()), text(at), job, running, s.node)
			held = n == 1
			return err
		})
		if err != nil {
			s.Log.Warn("progress of an export not written", "export", job, "error", err)
		} else if !held {
			lost()
			return
		}
	}
}

// fix keeps the moment that a pack without one shows, so that whoever takes it up again shows the same.
func (s *Service) fix(ctx context.Context, job string, at time.Time) error {
	return s.DB.Keep(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec("UPDATE export_job SET moment = ? WHERE id = ? AND moment = 0", store.Time(at), job)
		return err
	})
}

// putBack lets an interrupted pack wait again, or fails it after its last attempt.
func (s *Service) putBack(ctx context.Context, j Job) error {
	if err := s.remove(j.ID); err != nil {
		return err
	}
	if j.attempts >= attemptsMost {
		return s.fail(ctx, j, fmt.Sprintf("it was interrupted %d times while it was made: look into the server's log for why it stopped, then ask for it again", j.attempts))
	}
	err := s.DB.Keep(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec("UPDATE export_job SET state = ?, node = '', progress = '' WHERE id = ? AND state = ? AND node = ?", queued, j.ID, running, j.node); err != nil {
			return err
		}
		return dropChunks(tx, j.ID)
	})
	s.notify()
	return err
}

// fail ends a pack with the reason, on the record.
func (s *Service) fail(ctx context.Context, j Job, reason string) error {
	err := s.DB.Change(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec("UPDATE export_job SET state = ?, reason = ?, ended = ? WHERE id = ? AND state = ? AND node = ?", failed, reason, store.Time(s.Clock.Now()), j.ID, running, j.node)
		if err != nil {
			return err
		}
		if n != 1 {
			return errTaken
		}
		if err := dropChunks(tx, j.ID); err != nil {
			return err
		}
		return s.record(tx, "export.failed", j.ID, map[string]any{"reason": reason})
	})
	if errors.Is(err, errTaken) {
		return nil
	}
	return err
}

// interrupted puts back what nobody makes any more: at the start, whatever an earlier run of a server alone was making; among
// several nodes, what its node has not spoken of for a while.
func (s *Service) interrupted(ctx context.Context, start bool) error {
	silent := store.Time(s.Clock.Now().Add(-beatLost))
	if start && !s.Shared {
		silent = store.Time(s.Clock.Now())
	}
	rows, err := s.DB.Query(ctx, "SELECT "+jobColumns+" WHERE state = ? AND node <> ? AND beat <= ?", running, s.node, silent)
	if err != nil {
		return err
	}
	left, err := collect(rows)
	for _, j := range left {
		s.Log.Warn("an interrupted export is taken up again", "export", j.ID, "attempts", j.attempts)
		err = errors.Join(err, s.putBack(ctx, j))
	}
	return err
}
