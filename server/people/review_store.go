package people

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

const reviewColumns = "id, title, due, opened, opened_by, closed, closed_by, swept FROM people_review"

func scanReview(row interface{ Scan(...any) error }) (r Review, err error) {
	var due, opened, closed, swept int64
	err = row.Scan(&r.ID, &r.Title, &due, &opened, &r.OpenedBy, &closed, &r.ClosedBy, &swept)
	r.Due, r.Opened, r.Closed = store.FromTime(due), store.FromTime(opened), moment(closed)
	if at := moment(swept); at != nil {
		r.swept = *at
	}
	return r, err
}

func moment(us int64) *time.Time {
	if us == 0 {
		return nil
	}
	t := store.FromTime(us)
	return &t
}

func micros(t *time.Time) int64 {
	if t == nil {
		return 0
	}
	return store.Time(*t)
}

func findReview(tx *store.Tx, ref string) (Review, error) {
	r, err := scanReview(tx.QueryRow("SELECT "+reviewColumns+" WHERE id = ?", ref))
	if store.IsNoRows(err) {
		return r, fleet.Errorf(fleet.CodeNotFound, "there is no access review %q: thingward review list shows them", clip(ref))
	}
	return r, err
}

func insertReview(tx *store.Tx, r Review) error {
	_, err := tx.Exec("INSERT INTO people_review (id, title, due, opened, opened_by, closed, closed_by) VALUES (?, ?, ?, ?, ?, 0, '')",
		r.ID, r.Title, store.Time(r.Due), store.Time(r.Opened), r.OpenedBy)
	return err
}

func closeReview(tx *store.Tx, review string, at time.Time, by string) error {
	if _, err := tx.Exec("UPDATE people_review_line SET decision = ? WHERE review = ? AND decision = ''", string(Nothing), review); err != nil {
		return err
	}
	_, err := tx.Exec("UPDATE people_review SET closed = ?, closed_by = ? WHERE id = ?", store.Time(at), by, review)
	return err
}

func insertLine(tx *store.Tx, review string, l Line) error {
	roles := make([]string, len(l.Roles))
	for i, r := range l.Roles {
		roles[i] = string(r)
	}
	_, err := tx.Exec(`INSERT INTO people_review_line (review, account, name, kind, roles, created, login, added, decision, reason, by_id, by_name, at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', '', '', '', 0) ON CONFLICT (review, account) DO NOTHING`,
		review, l.Account, l.Name, l.Kind, strings.Join(roles, ","), store.Time(l.Created), micros(l.LastLogin), store.Time(l.Added))
	return err
}

func decideLine(tx *store.Tx, review string, l Line, by string) error {
	_, err := tx.Exec("UPDATE people_review_line SET decision = ?, reason = ?, by_id = ?, by_name = ?, at = ?, state = ? WHERE review = ? AND account = ?",
		string(l.Decision), l.Reason, by, l.By, micros(l.At), l.State, review, l.Account)
	return err
}

// listReviews reads reviews without their lines, newest first, from before the given one.
func (s *Reviews) listReviews(ctx context.Context, before string, limit int) (out []Review, err error) {
	rows, err := s.DB.Query(ctx, "SELECT "+reviewColumns+" WHERE (? = '' OR id < ?) ORDER BY id DESC LIMIT ?", before, before, limit)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		r, err := scanReview(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	if err := rows.Err(); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	return out, nil
}
