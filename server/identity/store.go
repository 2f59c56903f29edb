package identity

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

// record is a certificate as it is stored.
type record struct {
	fleet.Certificate
	der        []byte
	evidence   map[string]any
	issued     time.Time
	superseded time.Time
	reasonCode int
	warnAt     time.Time
}

const recordColumns = `serial, subject_kind, subject_id, subject_name, issuer, key_hash, algorithm, not_before, not_after, issued, state,
	enrolled_by, evidence, der, superseded, revoked, reason, reason_code, warn_at`

func insertRecord(tx *store.Tx, r *record) error {
	evidence, err := json.Marshal(r.evidence)
	if err != nil {
		return fmt.Errorf("evidence of a certificate: %w", err)
	}
	_, err = tx.Exec(`INSERT INTO identity_certificate (`+recordColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		r.Serial, r.SubjectKind, r.SubjectID, r.SubjectName, r.Issuer, r.KeyHash, r.Algorithm, store.Time(r.NotBefore), store.Time(r.NotAfter), store.Time(r.issued), string(r.State),
		r.EnrolledBy, string(evidence), r.der, store.Time(r.superseded), 0, "", 0, store.Time(r.warnAt))
	return err
}

type scanner interface{ Scan(...any) error }

func scanRecord(row scanner) (*record, error) {
	var r record
	var state, evidence string
	var notBefore, notAfter, issued, superseded, revoked, warn int64
	err := row.Scan(&r.Serial, &r.SubjectKind, &r.SubjectID, &r.SubjectName, &r.Issuer, &r.KeyHash, &r.Algorithm, &notBefore, &notAfter, &issued, &state,
		&r.EnrolledBy, &evidence, &r.der, &superseded, &revoked, &r.Reason, &r.reasonCode, &warn)
	if err != nil {
		return nil, err
	}
	r.State, r.NotBefore, r.NotAfter, r.issued = fleet.CertificateState(state), store.FromTime(notBefore), store.FromTime(notAfter), store.FromTime(issued)
	r.superseded, r.warnAt = store.FromTime(superseded), store.FromTime(warn)
	if revoked != 0 {
		at := store.FromTime(revoked)
		r.Revoked = &at
	}
	return &r, json.Unmarshal([]byte(evidence), &r.evidence)
}

func scanRecords(rows *sql.Rows, err error) (all []*record, _ error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		r, err := scanRecord(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

// scanStrings reads rows of one text column.
func scanStrings(rows *sql.Rows, err error) (all []string, _ error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, rows.Err()
}

var errNoCertificate = fleet.Errorf(fleet.CodeNotFound, "no certificate has this serial number: thingward cert list shows what there is")

func (s *Service) readRecord(ctx context.Context, serial string) (*record, error) {
	r, err := scanRecord(s.DB.QueryRow(ctx, "SELECT "+recordColumns+" FROM identity_certificate WHERE serial = ?", serial))
	if store.IsNoRows(err) {
		return nil, errNoCertificate
	}
	return r, err
}

// supersede marks the other active certificates of a subject as renewed and returns their serial numbers.
func supersede(tx *store.Tx, kind, id string, at time.Time) ([]string, error) {
	return scanStrings(tx.Query(`UPDATE identity_certificate SET state = 'superseded', superseded = ?, warn_at = 0
		WHERE subject_kind = ? AND subject_id = ? AND state = 'active' RETURNING serial`, store.Time(at), kind, id))
}

// supersedeOne is supersede for one certificate.
func supersedeOne(tx *store.Tx, serial string, at time.Time) error {
	_, err := tx.Exec("UPDATE identity_certificate SET state = 'superseded', superseded = ?, warn_at = 0 WHERE serial = ? AND state = 'active'", store.Time(at), serial)
	return err
}

// keyRow is a public key and whose it is.
type keyRow struct {
	kind, id string
	first    time.Time
	revoked  bool
}

const keyColumns = "SELECT subject_kind, subject_id, first_used, revoked FROM identity_key WHERE hash = ?"

func scanKey(row scanner) (k keyRow, err error) {
	var first int64
	err = row.Scan(&k.kind, &k.id, &first, &k.revoked)
	k.first = store.FromTime(first)
	return k, err
}

// readKey finds a key; ok is false when it was never certified.
func (s *Service) readKey(ctx context.Context, hash string) (k keyRow, ok bool, err error) {
	k, err = scanKey(s.DB.QueryRow(ctx, keyColumns, hash))
	if store.IsNoRows(err) {
		return k, false, nil
	}
	return k, err == nil, err
}

// bindKey gives a key to a subject for ever, or refuses when it is another's or was revoked. Two transactions cannot both
// bind one key: the primary key decides.
func bindKey(tx *store.Tx, hash, kind, id string, at time.Time) error {
	n, err := tx.Exec("INSERT INTO identity_key (hash, subject_kind, subject_id, first_used, revoked) VALUES (?, ?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING", hash, kind, id, store.Time(at), false)
	if err != nil || n == 1 {
		return err
	}
	k, err := scanKey(tx.QueryRow(keyColumns, hash))
	if err != nil {
		return err
	}
	return k.usableBy(kind, id)
}

// usableBy refuses a key that belongs to another subject or was revoked.
func (k keyRow) usableBy(kind, id string) error {
	switch {
	case k.kind != kind || k.id != id:
		return fleet.Errorf(fleet.CodeForbidden, "this public key belongs to another subject: a private key is never shared, make a new one on the device")
	case k.revoked:
		return fleet.Errorf(fleet.CodeForbidden, "this key's certificate was revoked, so the key stays refused: make a new one on the device")
	}
	return nil
}

// where collects conditions of a list.
type where struct {
	parts []string
	args  []any
}

func (w *where) and(cond string, args ...any) {
	w.parts = append(w.parts, cond)
	w.args = append(w.args, args...)
}

func (w *where) sql() string {
	if len(w.parts) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.parts, " AND ")
}
