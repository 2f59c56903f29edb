package traffic

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

const grantColumns = "id, name, account, who, kinds, stream, type, site, classes, purpose, origin, created, created_by, ends, used FROM traffic_grant"

func scanGrant(row interface{ Scan(...any) error }) (g fleet.Grant, err error) {
	var kinds, classes string
	var created, ends, used int64
	err = row.Scan(&g.ID, &g.Name, &g.Account, &g.AccountName, &kinds, &g.Stream, &g.Type, &g.Site, &classes, &g.Purpose, &g.Origin, &created, &g.CreatedBy, &ends, &used)
	g.Direction, g.Kinds, g.Classes = "subscribe", words(kinds), words(classes)
	g.Created, g.Ends, g.Used = store.FromTime(created), moment(ends), moment(used)
	g.Broad = g.IsBroad()
	return g, err
}

func words(s string) []string {
	if s == "" {
		return []string{}
	}
	return strings.Split(s, ",")
}

func moment(us int64) *time.Time {
	if us == 0 {
		return nil
	}
	t := store.FromTime(us)
	return &t
}

func insertGrant(tx *store.Tx, g fleet.Grant) error {
	var ends int64
	if g.Ends != nil {
		ends = store.Time(*g.Ends)
	}
	_, err := tx.Exec(`INSERT INTO traffic_grant (id, name, account, who, kinds, stream, type, site, classes, purpose, origin, created, created_by, ends, used)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)`,
		g.ID, g.Name, g.Account, g.AccountName, strings.Join(g.Kinds, ","), g.Stream, g.Type, g.Site, strings.Join(g.Classes, ","), g.Purpose, g.Origin, store.Time(g.Created), g.CreatedBy, ends)
	return err
}

// takeGrant removes a grant and returns it; CodeNotFound when there is none.
func takeGrant(tx *store.Tx, ref string) (fleet.Grant, error) {
	g, err := scanGrant(tx.QueryRow("SELECT "+grantColumns+" WHERE id = ?", ref))
	if store.IsNoRows(err) {
		return g, noGrant(ref)
	}
	if err != nil {
		return g, err
	}
	n, err := tx.Exec("DELETE FROM traffic_grant WHERE id = ?", ref)
	if err == nil && n == 0 {
		err = noGrant(ref)
	}
	return g, err
}

func noGrant(ref string) error {
	return fleet.Errorf(fleet.CodeNotFound, "there is no grant %q: thingward grant list shows them", clip(ref))
}

func clip(s string) string {
	if len(s) > 80 {
		return s[:80] + "…"
	}
	return s
}

func (s *Service) readGrants(ctx context.Context, where string, args ...any) (out []fleet.Grant, err error) {
	rows, err := s.DB.Query(ctx, "SELECT "+grantColumns+" WHERE "+where+" ORDER BY who, name, id", args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		g, err := scanGrant(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, g)
	}
	return out, rows.Err()
}

// markUsed notes the last use of grants; a later one that is there already stays.
func markUsed(tx *store.Tx, ids []string, at time.Time) error {
	const most = 500 // in one statement
	for len(ids) > 0 {
		part := ids[:min(most, len(ids))]
		ids = ids[len(part):]
		args := []any{store.Time(at), store.Time(at)}
		for _, id := range part {
			args = append(args, id)
		}
		if _, err := tx.Exec("UPDATE traffic_grant SET used = ? WHERE used < ? AND id IN (?"+strings.Repeat(", ?", len(part)-1)+")", args...); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) done(ctx context.Context, what string) (bool, error) {
	var n int
	err := s.DB.QueryRow(ctx, "SELECT count(*) FROM traffic_done WHERE what = ?", what).Scan(&n)
	return n > 0, err
}

func setDone(tx *store.Tx, what string, at time.Time) error {
	_, err := tx.Exec("INSERT INTO traffic_done (what, at) VALUES (?, ?)", what, store.Time(at))
	return err
}
