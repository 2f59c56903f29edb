package risk

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/store"
)

// querier is what a transaction and the database have in common, context aside.
type querier func(query string, args ...any) *sql.Row

func errNone(ref string) error {
	return fleet.Errorf(fleet.CodeNotFound, "there is no risk %q: thingward risk list shows what there is", clip(ref))
}

// find reads a risk by id.
func find(q querier, ref string) (r Risk, err error) {
	if !id.Valid(ref) {
		return r, errNone(ref)
	}
	var body string
	err = q("SELECT body FROM risk_risk WHERE id = ?", ref).Scan(&body)
	if store.IsNoRows(err) {
		return r, errNone(ref)
	}
	if err != nil {
		return r, err
	}
	return decode(body)
}

func decode(body string) (r Risk, err error) {
	if err = json.Unmarshal([]byte(body), &r); err != nil {
		err = fmt.Errorf("read a stored risk: %w", err)
	}
	return r, err
}

func countAll(tx *store.Tx) (n int, err error) {
	err = tx.QueryRow("SELECT count(*) FROM risk_risk").Scan(&n)
	return n, err
}

const columns = "version, title, system, site, owner, state, decision, ends, level, safety, due, created, changed, find, body"

// values are a risk's columns, without its id.
func values(r Risk) (body string, args []any, err error) {
	raw, err := json.Marshal(r)
	if err != nil {
		return "", nil, err
	}
	decision, ends := "", int64(0)
	if r.Decision != nil {
		decision, ends = r.Decision.Decision, micros(r.Decision.Ends)
	}
	return string(raw), []any{
		r.Version, r.Title, r.System, r.Site, r.Owner, r.State, decision, ends, int(r.Level), r.Safety, micros(r.due()),
		store.Time(r.Created), store.Time(r.Changed), r.find(), string(raw),
	}, nil
}

// find is what a search looks at.
func (r *Risk) find() string {
	return strings.ToLower(strings.Join([]string{r.Title, r.Asset, r.Threat, r.Source, r.Vulnerability}, "\n"))
}

// micros is a time for a column; 0 for none.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return store.Time(t)
}

func insert(tx *store.Tx, r Risk, who, what string) error {
	body, args, err := values(r)
	if err != nil {
		return err
	}
	marks := strings.Repeat(", ?", len(args))
	if _, err := tx.Exec("INSERT INTO risk_risk (id, "+columns+") VALUES (?"+marks+")", append([]any{r.ID}, args...)...); err != nil {
		return err
	}
	return remember(tx, r, body, who, what)
}

// update writes r over the version that was read, unless someone else was faster.
func update(tx *store.Tx, version int64, r Risk, who, what string) error {
	body, args, err := values(r)
	if err != nil {
		return err
	}
	if r.lost { // whoever changes it anew puts it back
		return insert(tx, r, who, what)
	}
	set := strings.ReplaceAll(columns, ",", " = ?,") + " = ?"
	n, err := tx.Exec("UPDATE risk_risk SET "+set+" WHERE id = ? AND version = ?", append(args, r.ID, version)...)
	if err != nil {
		return err
	}
	if n != 1 {
		return fleet.Errorf(fleet.CodeConflict, "it was changed by someone else meanwhile: read it again and repeat your change")
	}
	return remember(tx, r, body, who, what)
}

// stored is the digest of a risk as this transaction wrote it.
func stored(tx *store.Tx, ref string) (string, error) {
	var body string
	err := tx.QueryRow("SELECT body FROM risk_risk WHERE id = ?", ref).Scan(&body)
	return digest(body), err
}

// remember keeps a version, and which scopes the risk is in.
func remember(tx *store.Tx, r Risk, body, who, what string) error {
	if _, err := tx.Exec("INSERT INTO risk_history (risk, version, at, who, what, body) VALUES (?, ?, ?, ?, ?, ?)",
		r.ID, r.Version, store.Time(r.Changed), who, what, body); err != nil {
		return err
	}
	if _, err := tx.Exec("DELETE FROM risk_scope WHERE risk = ?", r.ID); err != nil {
		return err
	}
	for _, scope := range r.Scopes {
		if _, err := tx.Exec("INSERT INTO risk_scope (risk, scope) VALUES (?, ?)", r.ID, scope); err != nil {
			return err
		}
	}
	return nil
}

// each hands over the risks that a query finds; the query's first column is the body.
func (s *Service) each(ctx context.Context, fn func(Risk) error, query string, args ...any) error {
	rows, err := s.DB.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var body string
		if err := rows.Scan(&body); err != nil {
			return err
		}
		r, err := decode(body)
		if err != nil {
			return err
		}
		if err := fn(r); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Past is one version of a risk.
type Past struct {
	Version int64     `json:"version"`
	At      time.Time `json:"at"`
	Who     string    `json:"who"`
	What    string    `json:"what"`
}

// historyMost bounds the versions that are shown of one risk.
const historyMost = 200

// history reads the newest versions of a risk up to one, newest first.
func (s *Service) history(ctx context.Context, ref string, upTo int64) (out []Past, err error) {
	rows, err := s.DB.Query(ctx, "SELECT version, at, who, what FROM risk_history WHERE risk = ? AND version <= ? ORDER BY version DESC LIMIT ?", ref, upTo, historyMost)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var p Past
		var at int64
		if err := rows.Scan(&p.Version, &at, &p.Who, &p.What); err != nil {
			return nil, err
		}
		p.At = store.FromTime(at)
		out = append(out, p)
	}
	return out, rows.Err()
}
