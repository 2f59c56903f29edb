package risk

import (
	"context"
	"time"

	"github.com/thingward/thingward/server/store"
)

// Each hands over every risk, closed ones too and those that were removed from the database, with what the audit log says
// against it.
func (s *Service) Each(ctx context.Context, fn func(Stood) error) error {
	all, err := s.compared(ctx, "")
	if err != nil {
		return err
	}
	for _, one := range all {
		if err := fn(one); err != nil {
			return err
		}
	}
	return nil
}

// EachAt hands over every risk as it was at a past time.
func (s *Service) EachAt(ctx context.Context, at time.Time, fn func(View) error) error {
	return s.each(ctx, func(r Risk) error { return fn(viewAt(r, at)) }, asOf+" ORDER BY h.risk", store.Time(at))
}

// asOf reads the newest version of each risk that is not younger than a time.
const asOf = `SELECT h.body FROM risk_history h JOIN (SELECT risk, MAX(version) AS version FROM risk_history WHERE at <= ? GROUP BY risk) AS newest
	ON newest.risk = h.risk AND newest.version = h.version`

// One reads a risk with what the audit log says against it. CodeNotFound when there is none and never was.
func (s *Service) One(ctx context.Context, ref string) (Stood, error) {
	all, err := s.compared(ctx, ref)
	if err != nil {
		return Stood{}, err
	}
	if len(all) == 0 {
		return Stood{}, errNone(ref)
	}
	return all[0], nil
}
