package posture

import (
	"context"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/store"
)

const (
	overdueEvery = time.Minute
	overdueMost  = 500 // findings that one transaction marks
)

// overdueLoop says once of each finding that it is past its due date.
func (s *Service) overdueLoop(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := s.tellOverdue(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("overdue findings not told, trying again", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-s.Clock.After(overdueEvery):
		}
	}
	return nil
}

// tellOverdue publishes finding.overdue and marks the finding. An event's identifier is made from the finding and its due date, so
// that one told again after a crash is known again; another due date is another event.
func (s *Service) tellOverdue(ctx context.Context) error {
	for {
		list, err := s.overdue(ctx, store.Time(s.Clock.Now()), overdueMost)
		if err != nil || len(list) == 0 {
			return err
		}
		for _, f := range list {
			ev := fleet.NewEvent("finding.overdue", s.Clock.Now(), fleet.Server("posture"), fleet.Party{Kind: "finding", ID: f.ID, Name: f.Title},
				map[string]any{"finding": f.ID, "control": f.Control, "due": f.Due, "owner": f.Owner, "severity": string(f.Severity), "subject": f.Subject})
			ev.ID = id.Derive(f.Due, "finding.overdue", f.ID)
			s.publish(ev)
		}
		if err := s.markOverdue(ctx, list); err != nil {
			return err
		}
		if len(list) < overdueMost {
			return nil
		}
	}
}

// overdue lists open findings that are past their due date and not told.
func (s *Service) overdue(ctx context.Context, now int64, most int) ([]Finding, error) {
	rows, err := s.DB.Query(ctx, "SELECT "+findingColumns+" FROM posture_finding WHERE state = 0 AND due <= ? AND overdue = FALSE ORDER BY due, seq LIMIT ?", now, most)
	if err != nil {
		return nil, err
	}
	return s.scanFindings(rows, store.FromTime(now))
}

func (s *Service) markOverdue(ctx context.Context, list []Finding) error {
	return s.book(ctx, s.DB.Keep, func(tx *store.Tx, d *moves) error {
		for _, f := range list {
			n, err := tx.Exec("UPDATE posture_finding SET overdue = TRUE WHERE seq = ? AND state = 0 AND overdue = FALSE", f.seq)
			if err != nil {
				return err
			}
			d.sums[entry{f.num, f.Owner, findingOpen}] -= int(n)
			d.sums[entry{f.num, f.Owner, entryOverdue}] += int(n)
		}
		return nil
	})
}
