package broker

import (
	"context"
	"database/sql"
	"embed"
	"io/fs"
	"time"

	"github.com/thingward/thingward/fleet"
	database "github.com/thingward/thingward/server/store"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// openTables brings the broker's tables up to date.
func (s *Service) openTables(ctx context.Context) error {
	if s.DB == nil {
		return nil
	}
	migrations, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return err
	}
	return s.DB.Migrate(ctx, "broker", migrations)
}

const banColumns = "id, kind, target, name, cause, reason, placed, placed_by, ends, lifted, lifted_by, lifted_reason"

// scanBan reads one row of banColumns.
func scanBan(row interface{ Scan(...any) error }, now time.Time) (*Ban, error) {
	var b Ban
	var placed, ends, lifted int64
	if err := row.Scan(&b.ID, &b.Kind, &b.Target, &b.Name, &b.Cause, &b.Reason, &placed, &b.PlacedBy, &ends, &lifted, &b.LiftedBy, &b.LiftedReason); err != nil {
		return nil, err
	}
	b.Placed, b.Until, b.Lifted = database.FromTime(placed), timeOrNone(ends), timeOrNone(lifted)
	b.Active = b.inForce(now)
	return &b, nil
}

func timeOrNone(us int64) *time.Time {
	if us == 0 {
		return nil
	}
	t := database.FromTime(us)
	return &t
}

func microsOf(t *time.Time) int64 {
	if t == nil {
		return 0
	}
	return database.Time(*t)
}

// insertBan stores a new ban, unless there are too many.
func insertBan(tx *database.Tx, b Ban, now time.Time) error {
	var n int
	if err := tx.QueryRow("SELECT count(*) FROM broker_ban WHERE lifted = 0 AND (ends = 0 OR ends > ?)", database.Time(now)).Scan(&n); err != nil {
		return err
	}
	if n >= bansMost {
		return fleet.Errorf(fleet.CodeConflict, "%d bans are in force, which is the most: lift some, or ban a wider prefix", n)
	}
	_, err := tx.Exec("INSERT INTO broker_ban ("+banColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '', '')",
		b.ID, b.Kind, b.Target, b.Name, b.Cause, b.Reason, database.Time(b.Placed), b.PlacedBy, microsOf(b.Until))
	return err
}

func findBan(tx *database.Tx, ref string, now time.Time) (Ban, error) {
	b, err := scanBan(tx.QueryRow("SELECT "+banColumns+" FROM broker_ban WHERE id = ?", ref), now)
	if database.IsNoRows(err) {
		return Ban{}, fleet.Errorf(fleet.CodeNotFound, "there is no ban %q: thingward ban list shows what there is", clip([]byte(ref)))
	}
	if err != nil {
		return Ban{}, err
	}
	return *b, nil
}

func endBan(tx *database.Tx, b Ban) error {
	n, err := tx.Exec("UPDATE broker_ban SET lifted = ?, lifted_by = ?, lifted_reason = ? WHERE id = ? AND lifted = 0", microsOf(b.Lifted), b.LiftedBy, b.LiftedReason, b.ID)
	if err == nil && n != 1 {
		err = fleet.Errorf(fleet.CodeConflict, "the ban was lifted by somebody else meanwhile")
	}
	return err
}

// readBans reads what is in force.
func (s *Service) readBans(ctx context.Context, now time.Time) ([]*Ban, error) {
	if s.DB == nil {
		return nil, nil
	}
	rows, err := s.DB.Query(ctx, "SELECT "+banColumns+" FROM broker_ban WHERE lifted = 0 AND (ends = 0 OR ends > ?)", database.Time(now))
	if err != nil {
		return nil, err
	}
	return scanBans(rows, now)
}

// listBans reads a page, newest first, from before a place on.
func (s *Service) listBans(ctx context.Context, past bool, before int64, beforeID string, limit int) ([]*Ban, error) {
	now := s.Clock.Now()
	query, args := "SELECT "+banColumns+" FROM broker_ban WHERE (placed < ? OR (placed = ? AND id < ?))", []any{before, before, beforeID}
	if !past {
		query, args = query+" AND lifted = 0 AND (ends = 0 OR ends > ?)", append(args, database.Time(now))
	}
	rows, err := s.DB.Query(ctx, query+" ORDER BY placed DESC, id DESC LIMIT ?", append(args, limit)...)
	if err != nil {
		return nil, err
	}
	return scanBans(rows, now)
}

func scanBans(rows *sql.Rows, now time.Time) (all []*Ban, err error) {
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		b, err := scanBan(rows, now)
		if err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	return all, rows.Err()
}

// earlierBans counts the bans that the platform placed on a target since then: each makes the next one longer.
func (s *Service) earlierBans(ctx context.Context, kind, target string, since time.Time) (n int, err error) {
	err = s.DB.QueryRow(ctx, "SELECT count(*) FROM broker_ban WHERE kind = ? AND target = ? AND placed > ? AND cause <> ?", kind, target, database.Time(since), causeOperator).Scan(&n)
	return n, err
}
