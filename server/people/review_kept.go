package people

import (
	"context"
	"database/sql"
	"time"

	"github.com/thingward/thingward/server/store"
)

// Kept is when a review last kept an account or a device, by id; zero where none did.
func (r *Reviews) Kept(ctx context.Context, id string) (time.Time, error) {
	var at sql.NullInt64
	err := r.DB.QueryRow(ctx, "SELECT MAX(at) FROM people_review_line WHERE account = ? AND decision = ?", id, string(Keep)).Scan(&at)
	return store.FromTime(at.Int64), err
}

// AllKept is Kept for many accounts or devices at once. One that no review kept is not in the answer.
func (r *Reviews) AllKept(ctx context.Context, ids []string) (map[string]time.Time, error) {
	marks, args := store.In(ids)
	rows, err := r.DB.Query(ctx, "SELECT account, MAX(at) FROM people_review_line WHERE account IN ("+marks+") AND decision = ? GROUP BY account", append(args, string(Keep))...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	out := make(map[string]time.Time, len(ids))
	for rows.Next() {
		var id string
		var at int64
		if err := rows.Scan(&id, &at); err != nil {
			return nil, err
		}
		out[id] = store.FromTime(at)
	}
	return out, rows.Err()
}
