package access

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/store"
)

// account is an account with what never leaves the package.
type account struct {
	Account
	nameKey  string
	hash     string // of the password; empty: none
	disabled bool   // as stored; State says so too once its time is over
}

const accountColumns = `a.id, a.name, a.name_key, a.kind, a.roles, a.site, a.disabled, a.reason, a.created, a.changed, a.last_login, a.password,
  a.password_changed, a.must_change, a.expires, a.reviewed, COALESCE(f.confirmed, 0), COALESCE(l.until, 0)
  FROM access_account a LEFT JOIN access_factor f ON f.account = a.id LEFT JOIN access_failure l ON l.name_key = a.name_key`

// nameKey is under what a name's failures are counted. It is keyed because people type passwords into the name's field.
func (s *Service) nameKey(name string) string {
	mac := hmac.New(sha256.New, s.Key.Derive("access/names").Bytes())
	mac.Write([]byte(name)) // a hash never fails to write
	return hex.EncodeToString(mac.Sum(nil))
}

type rowScanner interface{ Scan(...any) error }

func (s *Service) scanAccount(r rowScanner) (account, error) {
	var a account
	var roles string
	var mustChange bool
	var expires, reviewed, created, changed, login, passwordChanged, confirmed, until int64
	err := r.Scan(&a.ID, &a.Name, &a.nameKey, &a.Kind, &roles, &a.Site, &a.disabled, &a.Reason, &created, &changed, &login, &a.hash, &passwordChanged, &mustChange, &expires, &reviewed, &confirmed, &until)
	if err != nil {
		return account{}, err
	}
	if err := json.Unmarshal([]byte(roles), &a.Roles); err != nil {
		return account{}, fmt.Errorf("roles of account %s: %w", a.ID, err)
	}
	a.Created, a.Changed, a.LastLogin, a.PasswordChanged = store.FromTime(created), store.FromTime(changed), optional(login), optional(passwordChanged)
	a.MFA, a.Expires, a.Reviewed = confirmed != 0, optional(expires), optional(reviewed)
	now := s.Clock.Now()
	a.MustChange = a.Kind == Person && (mustChange || (a.PasswordChanged != nil && now.Sub(*a.PasswordChanged) > s.Rules.MaxAge))
	a.State = Active
	if lock := store.FromTime(until); lock.After(now) && a.Kind == Person { // no password guess shuts a service out
		a.State, a.LockedUntil = Locked, &lock
	}
	if a.disabled || a.ended(now) {
		a.State = Disabled
	}
	if a.Reason == "" && a.ended(now) {
		a.Reason = reasonExpired
	}
	return a, nil
}

func optional(us int64) *time.Time {
	if us == 0 {
		return nil
	}
	t := store.FromTime(us)
	return &t
}

// findAccount finds by id or name, inside a transaction or outside.
func (s *Service) findAccount(ctx context.Context, query func(context.Context, string, ...any) *sql.Row, ref string) (account, error) {
	column := "a.name"
	if id.Valid(ref) {
		column = "a.id"
	}
	a, err := s.scanAccount(query(ctx, "SELECT "+accountColumns+" WHERE "+column+" = ?", ref))
	if store.IsNoRows(err) {
		return a, fleet.Errorf(fleet.CodeNotFound, "there is no account %q: thingward account list shows them", clip(ref))
	}
	return a, err
}

// in lets a transaction's QueryRow stand where a database's is wanted.
func in(tx *store.Tx) func(context.Context, string, ...any) *sql.Row {
	return func(_ context.Context, q string, args ...any) *sql.Row { return tx.QueryRow(q, args...) }
}

func (s *Service) listAccounts(ctx context.Context, f Filter) (out []Account, err error) {
	where, args := " WHERE a.name > ?", []any{f.After}
	if f.Kind != "" {
		where, args = where+" AND a.kind = ?", append(args, string(f.Kind))
	}
	if f.Query != "" {
		where, args = where+` AND a.name LIKE ? ESCAPE '\'`, append(args, "%"+store.Like(f.Query)+"%")
	}
	rows, err := s.DB.Query(ctx, "SELECT "+accountColumns+where+" ORDER BY a.name LIMIT ?", append(args, f.Limit)...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		a, err := s.scanAccount(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, a.Account)
	}
	return out, rows.Err()
}

// guard makes changes of accounts wait for each other until the transaction ends.
func guard(tx *store.Tx) error {
	_, err := tx.Exec("UPDATE access_guard SET changes = changes + 1 WHERE id = 1")
	return err
}

func insertAccount(tx *store.Tx, a account) error {
	_, err := tx.Exec(`INSERT INTO access_account (id, name, name_key, kind, roles, site, disabled, reason, created, changed, last_login, password, password_changed, must_change, expires)
  VALUES (?, ?, ?, ?, ?, ?, ?, '', ?, ?, 0, ?, ?, ?, ?)`,
		a.ID, a.Name, a.nameKey, string(a.Kind), rolesText(a.Roles), a.Site, false, store.Time(a.Created), store.Time(a.Changed), a.hash, store.Time(since(a.PasswordChanged)), a.MustChange, store.Time(since(a.Expires)))
	return err
}

func rolesText(roles []Role) string {
	b, _ := json.Marshal(roles) // strings always marshal
	return string(b)
}

func since(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

func countPeople(tx *store.Tx) (n int, err error) {
	err = tx.QueryRow("SELECT count(*) FROM access_account WHERE kind = ?", string(Person)).Scan(&n)
	return n, err
}

// otherAdministrators counts the enabled system administrators beside one whose accounts do not end by themselves.
func otherAdministrators(tx *store.Tx, accountID string) (n int, err error) {
	err = tx.QueryRow("SELECT count(*) FROM access_account WHERE id <> ? AND disabled = ? AND expires = 0 AND roles LIKE ?", accountID, false, `%"`+string(SystemAdministrator)+`"%`).Scan(&n)
	return n, err
}

func setState(tx *store.Tx, accountID string, disabled bool, reason string) error {
	_, err := tx.Exec("UPDATE access_account SET disabled = ?, reason = ? WHERE id = ?", disabled, reason, accountID)
	return err
}

func setRoles(tx *store.Tx, accountID string, roles []Role, site string) error {
	_, err := tx.Exec("UPDATE access_account SET roles = ?, site = ? WHERE id = ?", rolesText(roles), site, accountID)
	return err
}

func clip(s string) string {
	if len(s) > 80 {
		return s[:80] + "…"
	}
	return s
}

// findByName finds the account that somebody signs in to, by its name alone.
func (s *Service) findByName(ctx context.Context, name string) (account, error) {
	a, err := s.scanAccount(s.DB.QueryRow(ctx, "SELECT "+accountColumns+" WHERE a.name = ?", name))
	if store.IsNoRows(err) {
		return a, fleet.Errorf(fleet.CodeNotFound, "no such account")
	}
	return a, err
}
