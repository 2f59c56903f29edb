package detect

import (
	"context"
	"time"

	"github.com/thingward/thingward/server/store"
)

// Standing is how a route has done lately: when it last delivered and when it last failed for good or is failing now.
type Standing struct {
	Route     Route
	LastOK    time.Time
	LastError time.Time
}

// Standings tells how each route has done.
func (s *Service) Standings(ctx context.Context) ([]Standing, error) {
	routes, err := s.Destinations(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]Standing, len(routes))
	for i, r := range routes {
		var ok, failed int64
		err := s.DB.QueryRow(ctx, `SELECT coalesce(max(CASE WHEN state = 'delivered' THEN done END), 0),
			coalesce(max(CASE WHEN state = 'failed' THEN done WHEN state = 'pending' AND error <> '' THEN created END), 0) FROM detect_delivery WHERE route = ?`, r.Name).Scan(&ok, &failed)
		if err != nil {
			return nil, err
		}
		all[i] = Standing{r, store.FromTime(ok), store.FromTime(failed)}
	}
	return all, nil
}
