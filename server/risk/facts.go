package risk

import (
	"context"
	"time"

	"github.com/thingward/thingward/server/store"
)

// Each hands over every risk, closed ones too, in the order in which they were entered.
func (s *Service) Each(ctx context.Context, fn func(Risk) error) error {
	return s.each(ctx, fn, "SELECT body FROM risk_risk ORDER BY id")
}

// EachAt hands over every risk as it was at a past time.
func (s *Service) EachAt(ctx context.Context, at time.Time, fn func(View) error) error {
	return s.each(ctx, func(r Risk) error { return fn(viewAt(r, at)) }, asOf+" ORDER BY h.risk", store.Time(at))
}

// asOf reads the newest version of each risk that is not younger than a time.
const asOf = `SELECT h.body FROM risk_history h JOIN (SELECT risk, MAX(version) AS version FROM risk_history WHERE at <= ? GROUP BY risk) AS newest
	ON newest.risk = h.risk AND newest.version = h.version`

// One reads a risk. CodeNotFound when there is none.
func (s *Service) One(ctx context.Context, ref string) (Risk, error) { return find(s.row(ctx), ref) }
