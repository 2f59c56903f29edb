package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/store"
)

// Prefixes of secrets, so that scanners for leaked credentials know ours and nobody mistakes one for another.
const (
	tokenPrefix   = "tw_"
	sessionPrefix = "tws_"
	linkPrefix    = "twl_"
)

const (
	secretSize  = 32 // random bytes
	sessionMost = 50 // open sessions of one account; the one unused longest gives way
	kindToken   = "token"
	kindConsole = "console"
)

// newSecret makes a secret and the hash that is stored in its place.
func newSecret(prefix string) (secret, hash string) {
	b := make([]byte, secretSize)
	_, _ = rand.Read(b) // never fails: crypto/rand aborts the program instead
	secret = prefix + base64.RawURLEncoding.EncodeToString(b)
	return secret, hashSecret(secret)
}

// hashSecret needs no salt and no slowness: the secret has 256 random bits.
func hashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// validSecret reports whether s has the form of a secret with prefix.
func validSecret(s, prefix string) bool {
	rest, ok := strings.CutPrefix(s, prefix)
	if !ok || len(rest) != base64.RawURLEncoding.EncodedLen(secretSize) {
		return false
	}
	_, err := base64.RawURLEncoding.DecodeString(rest)
	return err == nil
}

// session is a row of access_session: a session or an API token.
type session struct {
	id, hash, account, kind, name, method string
	mfa                                   bool
	created, seen, expires                time.Time
	idle                                  time.Duration
	address                               string
	ended                                 time.Time
	reason                                string
}

func (s *Service) newSession(a account, t attempt, hash, method string, mfa bool, now time.Time) session {
	row := session{
		id: id.New(), hash: hash, account: a.ID, kind: t.surface, method: method, mfa: mfa,
		created: now, seen: now, expires: now.Add(s.Rules.SessionLife), address: t.address,
	}
	if a.Expires != nil && a.Expires.Before(row.expires) {
		row.expires = *a.Expires
	}
	if row.kind == kindConsole {
		row.idle = s.Rules.ConsoleIdle
	}
	return row
}

func (row session) principal(a Account, address string) Principal {
	return Principal{
		Kind: a.Kind, ID: a.ID, Name: a.Name, Roles: a.Roles, Session: row.id, Method: row.method, MFA: row.mfa,
		Since: row.created, Address: address, Site: a.Site, MustChange: a.MustChange,
	}
}

const sessionColumns = "id, hash, account, kind, name, method, mfa, created, seen, expires, idle, address, ended, reason FROM access_session"

func scanSession(r rowScanner) (row session, err error) {
	var created, seen, expires, idle, ended int64
	err = r.Scan(&row.id, &row.hash, &row.account, &row.kind, &row.name, &row.method, &row.mfa, &created, &seen, &expires, &idle, &row.address, &ended, &row.reason)
	row.created, row.seen, row.expires, row.ended = store.FromTime(created), store.FromTime(seen), store.FromTime(expires), store.FromTime(ended)
	row.idle = time.Duration(idle) * time.Microsecond
	return row, err
}

// openSession stores a session; where the account has too many, the one unused longest ends.
func openSession(tx *store.Tx, row session) error {
	ids, err := sessionIDs(tx, "SELECT id FROM access_session WHERE account = ? AND kind <> ? AND ended = 0 ORDER BY seen DESC, id DESC", row.account, kindToken)
	if err != nil {
		return err
	}
	for len(ids) >= sessionMost {
		if _, err := endSessions(tx, ending{account: row.account, session: ids[len(ids)-1], at: row.created, reason: "too many sessions"}); err != nil {
			return err
		}
		ids = ids[:len(ids)-1]
	}
	return insertSession(tx, row)
}

func insertSession(tx *store.Tx, row session) error {
	_, err := tx.Exec(`INSERT INTO access_session (id, hash, account, kind, name, method, mfa, created, seen, expires, idle, address, ended, reason)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '')`,
		row.id, row.hash, row.account, row.kind, row.name, row.method, row.mfa, store.Time(row.created), store.Time(row.seen), store.Time(row.expires),
		row.idle.Microseconds(), row.address)
	return err
}

func sessionIDs(tx *store.Tx, query string, args ...any) (ids []string, err error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return nil, err
		}
		ids = append(ids, one)
	}
	return ids, rows.Err()
}

// ending says which of an account's open sessions end: one, or all but one, with the API tokens or without.
type ending struct {
	account    string
	session    string // only this one
	except     string // all but this one
	keepTokens bool
	at         time.Time
	reason     string
}

func endSessions(tx *store.Tx, e ending) (int64, error) {
	query, args := "UPDATE access_session SET ended = ?, reason = ? WHERE account = ? AND ended = 0", []any{store.Time(e.at), e.reason, e.account}
	if e.session != "" {
		query, args = query+" AND id = ?", append(args, e.session)
	}
	if e.except != "" {
		query, args = query+" AND id <> ?", append(args, e.except)
	}
	if e.keepTokens {
		query, args = query+" AND kind <> ?", append(args, kindToken)
	}
	return tx.Exec(query, args...)
}

// otherAddresses lists where else the account has been at work just now.
func (s *Service) otherAddresses(tx *store.Tx, row session) ([]string, error) {
	return sessionIDs(tx, "SELECT DISTINCT address FROM access_session WHERE account = ? AND kind <> ? AND ended = 0 AND address <> ? AND seen > ?",
		row.account, kindToken, row.address, store.Time(row.created.Add(-s.Rules.SharedWithin)))
}

// Logout ends the caller's own session.
func (s *Service) Logout(ctx context.Context, p Principal) error {
	now := s.Clock.Now()
	return s.DB.Keep(ctx, func(tx *store.Tx) error {
		n, err := endSessions(tx, ending{account: p.ID, session: p.Session, at: now, reason: "signed out"})
		if err != nil {
			return err
		}
		if n > 0 {
			tx.OnCommit(func() {
				s.endedSession(p.Session)
				s.publish(fleet.NewEvent("session.closed", now, p.Party(), fleet.Server("access"), map[string]any{"session": p.Session, "reason": "signed out", "account": p.Name}))
			})
		}
		return nil
	})
}

// endedSession makes a session's end known everywhere.
func (s *Service) endedSession(sessionID string) {
	s.sessions.dropSession(sessionID)
	s.announce(bus.TopicChanged, bus.Changed{Kind: "session", ID: sessionID})
}
