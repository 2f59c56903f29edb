package posture

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture/catalogue"
	"github.com/thingward/thingward/server/store"
)

// imported is a framework that operators brought, without its items.
type imported struct {
	id, name, summary, edition, date, who, digest string
	items                                         int
	since                                         int64
}

// reading is what a transaction and the database have in common.
type reading interface {
	Query(query string, args ...any) (*sql.Rows, error)
	QueryRow(query string, args ...any) *sql.Row
}

// outside reads the database outside of any transaction.
type outside struct {
	ctx context.Context //nolint:containedctx // it lives as long as one call
	db  *store.DB
}

// Query runs a SELECT.
func (o outside) Query(query string, args ...any) (*sql.Rows, error) {
	return o.db.Query(o.ctx, query, args...)
}

// QueryRow runs a SELECT for one row.
func (o outside) QueryRow(query string, args ...any) *sql.Row {
	return o.db.QueryRow(o.ctx, query, args...)
}

// inForce chooses what counted at a time; it takes the time twice.
const inForce = "since <= ? AND (until = 0 OR until > ?)"

const importedColumns = "id, since, name, summary, edition, date, who, digest, items"

func scanImported(row interface{ Scan(...any) error }, extra ...any) (f imported, err error) {
	err = row.Scan(append([]any{&f.id, &f.since, &f.name, &f.summary, &f.edition, &f.date, &f.who, &f.digest, &f.items}, extra...)...)
	return f, err
}

// importedAt lists the imported frameworks of a time, by identifier.
func importedAt(r reading, at int64) (out []imported, err error) {
	rows, err := r.Query("SELECT "+importedColumns+" FROM posture_framework WHERE "+inForce+" ORDER BY id", at, at)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		f, err := scanImported(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, rows.Err()
}

// oneImported reads an imported framework of a time with its items; ok is false where there was none.
func oneImported(r reading, id string, at int64) (f imported, items []catalogue.Item, ok bool, err error) {
	var body []byte
	f, err = scanImported(r.QueryRow("SELECT "+importedColumns+", body FROM posture_framework WHERE id = ? AND "+inForce, id, at, at), &body)
	if store.IsNoRows(err) {
		return f, nil, false, nil
	}
	if err == nil {
		err = json.Unmarshal(body, &items)
	}
	return f, items, err == nil, err
}

// packItems writes items for the database, with their digest.
func packItems(items []catalogue.Item) (body []byte, digest string, err error) {
	body, err = json.Marshal(items)
	sum := sha256.Sum256(body)
	return body, hex.EncodeToString(sum[:]), err
}

func insertFramework(tx *store.Tx, f imported, body []byte) error {
	_, err := tx.Exec(`INSERT INTO posture_framework (id, since, until, name, summary, edition, date, who, digest, items, body) VALUES (?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?)`,
		f.id, f.since, f.name, f.summary, f.edition, f.date, f.who, f.digest, f.items, body)
	return err
}

func endFramework(tx *store.Tx, id string, at int64) error {
	_, err := tx.Exec("UPDATE posture_framework SET until = ? WHERE id = ? AND until = 0", at, id)
	return err
}

// own is a mapping that an operator made.
type own struct {
	catalogue.Mapping
	Who   string
	Since time.Time
}

// ownMappings reads the operators' mappings of one framework at a time, by item and control.
func ownMappings(r reading, framework string, at int64) (out []own, err error) {
	rows, err := r.Query("SELECT item, control, relation, why, who, since FROM posture_mapping WHERE framework = ? AND "+inForce+" ORDER BY item, control", framework, at, at)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		m := own{Mapping: catalogue.Mapping{Provenance: catalogue.Operator}}
		var since int64
		if err := rows.Scan(&m.Item, &m.Control, &m.Relation, &m.Why, &m.Who, &since); err != nil {
			return nil, err
		}
		m.Since = store.FromTime(since)
		out = append(out, m)
	}
	return out, rows.Err()
}

// ownMappingsOf reads the operators' mappings of one control that count now, with the framework of each.
func ownMappingsOf(r reading, control string) (out []ControlMapping, err error) {
	rows, err := r.Query("SELECT framework, item, relation, why, who FROM posture_mapping WHERE control = ? AND until = 0 ORDER BY framework, item", control)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		m := ControlMapping{Provenance: catalogue.Operator}
		if err := rows.Scan(&m.Framework, &m.Item, &m.Relation, &m.Why, &m.By); err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, rows.Err()
}

// mappedFrameworks lists the frameworks that have operators' mappings at a time.
func mappedFrameworks(r reading, at int64) (map[string]int, error) {
	rows, err := r.Query("SELECT framework, count(*) FROM posture_mapping WHERE "+inForce+" GROUP BY framework", at, at)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	out := map[string]int{}
	for rows.Next() {
		var id string
		var n int
		if err := rows.Scan(&id, &n); err != nil {
			return nil, err
		}
		out[id] = n
	}
	return out, rows.Err()
}

func insertMapping(tx *store.Tx, framework string, m own) error {
	_, err := tx.Exec("INSERT INTO posture_mapping (framework, item, control, since, until, relation, why, who) VALUES (?, ?, ?, ?, 0, ?, ?, ?)",
		framework, m.Item, m.Control, store.Time(m.Since), string(m.Relation), m.Why, m.Who)
	if store.IsUnique(err) {
		return fleet.Errorf(fleet.CodeConflict, "%s and %s were mapped this very moment: try again", m.Item, m.Control)
	}
	return err
}

// endMapping ends a mapping and reports whether there was one.
func endMapping(tx *store.Tx, framework, item, control string, at int64) (bool, error) {
	n, err := tx.Exec("UPDATE posture_mapping SET until = ? WHERE framework = ? AND item = ? AND control = ? AND until = 0", at, framework, item, control)
	return n > 0, err
}
