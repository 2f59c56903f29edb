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
