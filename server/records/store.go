package records

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/thingward/thingward/fleet"
	ids "github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/store"
)

// querier is what a transaction and the database have in common, context aside.
type querier func(query string, args ...any) (*sql.Rows, error)

func (s *Service) reader(ctx context.Context) querier {
	return func(query string, args ...any) (*sql.Rows, error) { return s.DB.Query(ctx, query, args...) }
}

type scanner interface{ Scan(dest ...any) error }

// stored is a record as it lies in the database: with the text of its form, and the audit entry that holds its digest.
type stored struct {
	Record
	text  string
	entry string
	known int // of a draft that is not written yet: the highest version that the audit log knows
}

const recordColumns = "r.id, r.kind, r.about, r.object, r.object_name, r.system, r.site, r.version, r.state, r.owner, r.author, r.writers, r.approver, r.body, r.performed, r.effective, r.expires, r.created, r.changed, r.reason, r.digest, r.entry, r.altered, r.etag"

func scanRecord(row scanner) (r stored, err error) {
	var writers string
	var performed, effective, expires, created, changed int64
	err = row.Scan(&r.ID, &r.Kind, &r.Object.Kind, &r.Object.ID, &r.Object.Name, &r.Object.System, &r.Object.Site, &r.Version, &r.State, &r.Owner, &r.Author, &writers,
		&r.Approver, &r.text, &performed, &effective, &expires, &created, &changed, &r.Reason, &r.Digest, &r.entry, &r.Altered, &r.ETag)
	if err != nil {
		return r, err
	}
	r.Performed, r.Effective, r.Expires = store.FromTime(performed), store.FromTime(effective), store.FromTime(expires)
	r.Created, r.Changed = store.FromTime(created), store.FromTime(changed)
	if err := json.Unmarshal([]byte(writers), &r.Writers); err != nil {
		r.Altered = "its list of writers cannot be read"
	}
	r.Body, r.Evidence = Body{}, []Evidence{}
	if err := json.Unmarshal([]byte(r.text), &r.Body); err != nil {
		r.Body, r.Altered = Body{}, "its form cannot be read"
	}
	return r, nil
}

// readRecords runs a query for recordColumns and adds the evidence of what it gives, in two queries however many there are.
func readRecords(q querier, where string, args ...any) ([]stored, error) {
	rows, err := q("SELECT "+recordColumns+" FROM records_record r "+where, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []stored
	for rows.Next() {
		r, err := scanRecord(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	_ = rows.Close() // a transaction has one connection
	return out, addEvidence(q, out)
}

// chunkMost is how many ids one query names.
const chunkMost = 400

func addEvidence(q querier, records []stored) error {
	place := make(map[string]int, len(records))
	ids := make([]any, 0, len(records))
	for i, r := range records {
		place[r.ID] = i
		ids = append(ids, r.ID)
	}
	return inChunks(ids, func(some []any) error {
		rows, err := q("SELECT id, record, name, media, size, sha256, link, added, added_by, facts FROM records_evidence WHERE record IN ("+marks(len(some))+") ORDER BY record, id", some...)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var e Evidence
			var record, facts string
			var added int64
			if err := rows.Scan(&e.ID, &record, &e.Name, &e.Media, &e.Size, &e.SHA256, &e.Link, &added, &e.By, &facts); err != nil {
				return err
			}
			e.Added, e.Read = store.FromTime(added), factsFrom(facts)
			r := &records[place[record]]
			r.Evidence = append(r.Evidence, e)
		}
		return rows.Err()
	})
}

func inChunks(ids []any, fn func([]any) error) error {
	for len(ids) > 0 {
		n := min(len(ids), chunkMost)
		if err := fn(ids[:n]); err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}

func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

// findRecord reads one record. CodeNotFound when there is none.
func findRecord(q querier, id string) (stored, error) {
	if !ids.Valid(id) {
		return stored{}, fleet.Errorf(fleet.CodeNotFound, "%s is no id of a record: list them (thingward record list)", quoted(id))
	}
	all, err := readRecords(q, "WHERE r.id = ?", id)
	if err != nil {
		return stored{}, err
	}
	if len(all) == 0 {
		return stored{}, fleet.Errorf(fleet.CodeNotFound, "there is no record %s: list them (thingward record list)", quoted(id))
	}
	return all[0], nil
}

func insertRecord(tx *store.Tx, r stored) error {
	writers, err := json.Marshal(r.Writers)
	if err != nil {
		return err
	}
	_, err = tx.Exec("INSERT INTO records_record (id, kind, about, object, object_name, system, site, version, state, owner, author, writers, approver, body, performed, effective, expires, created, changed, reason, digest, entry, altered, etag) VALUES ("+marks(24)+")",
		r.ID, r.Kind, string(r.Object.Kind), r.Object.ID, r.Object.Name, r.Object.System, r.Object.Site, r.Version, string(r.State), r.Owner, r.Author, string(writers), r.Approver, r.text,
		store.Time(r.Performed), store.Time(r.Effective), store.Time(r.Expires), store.Time(r.Created), store.Time(r.Changed), r.Reason, r.Digest, r.entry, r.Altered, r.ETag)
	if store.IsUnique(err) {
		return fleet.Errorf(fleet.CodeConflict, "a version of this record is being written already: finish it, or withdraw it first").Because(err)
	}
	return err
}

// updateRecord writes a record back if nobody changed it since it was read; its version for If-Match grows by one.
func updateRecord(tx *store.Tx, r *stored) error {
	writers, err := json.Marshal(r.Writers)
	if err != nil {
		return err
	}
	n, err := tx.Exec(`UPDATE records_record SET object_name = ?, system = ?, site = ?, state = ?, owner = ?, author = ?, writers = ?, approver = ?, body = ?, performed = ?, effective = ?, expires = ?,
		changed = ?, reason = ?, digest = ?, entry = ?, altered = ?, etag = ? WHERE id = ? AND etag = ?`,
		r.Object.Name, r.Object.System, r.Object.Site, string(r.State), r.Owner, r.Author, string(writers), r.Approver, r.text, store.Time(r.Performed), store.Time(r.Effective), store.Time(r.Expires),
		store.Time(r.Changed), r.Reason, r.Digest, r.entry, r.Altered, r.ETag+1, r.ID, r.ETag)
	if err == nil && n != 1 || store.IsUnique(err) {
		return fleet.Errorf(fleet.CodeConflict, "the record was changed by someone else meanwhile: read it again and repeat your step").Because(err)
	}
	r.ETag++
	return err
}

func lastVersion(tx *store.Tx, kind, object string) (n int, err error) {
	err = tx.QueryRow("SELECT coalesce(max(version), 0) FROM records_record WHERE kind = ? AND object = ?", kind, object).Scan(&n)
	return n, err
}

// clause is a part of a WHERE.
type clause struct {
	sql  string
	args []any
}

// whereText joins clauses; those without text are left out.
func whereText(parts []clause) (string, []any) {
	var terms []string
	var args []any
	for _, c := range parts {
		if c.sql != "" {
			terms, args = append(terms, c.sql), append(args, c.args...)
		}
	}
	if len(terms) == 0 {
		return "", nil
	}
	return " WHERE " + strings.Join(terms, " AND "), args
}

// equals is a clause for a column that is asked for; none where it is not.
func equals(column, value string) clause {
	switch {
	case value == "":
		return clause{}
	case !lineText.MatchString(value): // nothing has such a value, and an engine may refuse to be asked
		return clause{sql: "1 = 0"}
	}
	return clause{column + " = ?", []any{value}}
}

// contains is a clause for words in any of some columns.
func contains(q string, columns ...string) (clause, error) {
	if q == "" {
		return clause{}, nil
	}
	if err := line("q", q, nameMost); err != nil {
		return clause{}, err
	}
	c := clause{}
	for i, column := range columns {
		if i > 0 {
			c.sql += " OR "
		}
		c.sql += fmt.Sprintf(`lower(%s) LIKE ? ESCAPE '\'`, column)
		c.args = append(c.args, "%"+store.Like(strings.ToLower(q))+"%")
	}
	c.sql = "(" + c.sql + ")"
	return c, nil
}
