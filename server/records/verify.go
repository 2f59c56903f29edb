package records

import (
	"context"
	"time"

	"github.com/thingward/thingward/server/audit"
	"github.com/thingward/thingward/server/store"
)

const (
	verifyEvery = 24 * time.Hour
	verifyRetry = 5 * time.Minute
	verifyBatch = 200
)

func (s *Service) verifying(ctx context.Context) {
	for {
		wait := verifyEvery
		if _, err := s.Verify(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("records could not be verified, trying again", "error", err)
			wait = verifyRetry
		}
		select {
		case <-ctx.Done():
			return
		case <-s.Clock.After(wait):
		}
	}
}

// Verify compares every record in force, its files too, with the audit log, and returns how many are not what was approved and
// how many rows of records, items, acknowledgements and the register were removed. A record that is found whole again, after a backup was restored, counts again.
func (s *Service) Verify(ctx context.Context) (altered int, err error) {
	if altered, err = s.findRemoved(ctx); err != nil {
		return 0, err
	}
	ended, err := s.endedSince(ctx)
	if err != nil {
		return 0, err
	}
	for after := ""; ; {
		batch, err := readRecords(s.reader(ctx), "WHERE r.state = 'approved' AND r.id > ? ORDER BY r.id LIMIT ?", after, verifyBatch)
		if err != nil || len(batch) == 0 {
			return altered, err
		}
		for i := range batch {
			wrong, err := s.verifyOne(ctx, &batch[i], ended)
			if err != nil {
				return altered, err
			}
			if wrong {
				altered++
			}
		}
		after = batch[len(batch)-1].ID
	}
}

func (s *Service) verifyOne(ctx context.Context, r *stored, ended history) (bool, error) {
	wrong, files, err := s.altered(ctx, *r)
	if err != nil {
		return false, err
	}
	if wrong == "" {
		wrong = ended.of(r)
	}
	switch {
	case wrong != "":
		s.tellAltered(ctx, r, wrong, files...)
	case r.Altered != "":
		err = s.DB.Keep(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec("UPDATE records_record SET altered = '' WHERE id = ?", r.ID)
			return err
		})
		s.Log.Info("a record that was altered is whole again", "record", r.ID)
		s.announce(Live{"record", r.ID, r.Kind, r.Object.ID, r.State})
	}
	return wrong != "", err
}

// history is what the audit log says ended records: withdrawals, and the newest approval of each kind and object.
type history struct {
	withdrawn map[string]bool
	newest    map[[2]string]said
}

// of says whether a record that the database calls approved had ended.
func (h history) of(r *stored) string {
	newest := h.newest[[2]string{r.Kind, r.Object.ID}]
	switch {
	case h.withdrawn[r.ID]:
		return "the audit log says that it was withdrawn"
	case newest.record != r.ID && newest.effective.After(r.Effective):
		return "the audit log says that a later version, " + clip(newest.record) + ", took its place"
	}
	return ""
}

const historyPage = 1000

// endedSince reads the history from the audit log, newest first. An approval that has no place in the log yet is younger than
// all of it, and its record is compared with it by its own digest.
func (s *Service) endedSince(ctx context.Context) (history, error) {
	h := history{map[string]bool{}, map[[2]string]said{}}
	for _, typ := range []string{"record.withdrawn", "record.approved"} {
		for before := int64(0); ; {
			entries, more, err := s.Audit.List(ctx, audit.Filter{Type: typ, Before: before, Limit: historyPage})
			if err != nil {
				return h, err
			}
			for _, e := range entries {
				h.add(saidBy(e.Event))
				before = e.Index
			}
			if !more || len(entries) == 0 || before == 0 {
				break
			}
		}
	}
	return h, nil
}

func (h history) add(e said) {
	if e.typ == "record.withdrawn" {
		h.withdrawn[e.record] = true
		return
	}
	key := [2]string{e.kind, e.object}
	if _, newer := h.newest[key]; !newer && e.record != "" {
		h.newest[key] = e
	}
}
