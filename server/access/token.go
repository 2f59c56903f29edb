package access

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/store"
)

const tokenMost = 20 // live API tokens of one account

// Token is an API token without its secret.
type Token struct {
	ID       string     `json:"id"`
	Name     string     `json:"name"`
	Created  time.Time  `json:"created"`
	Expires  time.Time  `json:"expires"`
	LastUsed *time.Time `json:"lastUsed,omitempty"`
	Address  string     `json:"address,omitempty" doc:"Where it was last used from."`
}

// CreateToken makes an API token of account ref for the caller p, good for days. secret is the only copy. A person's token
// inherits whether p showed a second factor. Neither a token nor (for others' accounts) anything but a signed-in person
// can make one.
func (s *Service) CreateToken(ctx context.Context, p Principal, ref, name string, days int) (t Token, secret string, err error) {
	if err := fleet.CheckName("name", name); err != nil {
		return Token{}, "", err
	}
	if most := int(s.Rules.TokenLife.Hours() / 24); days < 1 || days > most {
		return Token{}, "", fleet.Invalid("days", fmt.Sprintf("want 1 to %d: a token that lives longer must be bound to a key, so use a certificate", most))
	}
	if p.Method == kindToken {
		return Token{}, "", fleet.Errorf(fleet.CodeForbidden, "a token cannot make tokens: sign in, or use the service account's certificate")
	}
	now := s.Clock.Now().Truncate(time.Microsecond)
	secret, hash := newSecret(tokenPrefix)
	t = Token{ID: id.New(), Name: name, Created: now, Expires: now.AddDate(0, 0, days)}
	err = s.DB.Change(ctx, func(tx *store.Tx) error {
		a, err := s.findAccount(ctx, in(tx), ref)
		if err != nil {
			return err
		}
		if err := s.mayHaveToken(tx, p, a, name); err != nil {
			return err
		}
		row := session{id: t.ID, hash: hash, account: a.ID, kind: kindToken, name: name, method: kindToken, mfa: p.MFA && p.ID == a.ID, created: now, expires: t.Expires}
		if err := insertSession(tx, row); err != nil {
			return err
		}
		return s.record(ctx, tx, "token.created", a.Account, map[string]any{"account": a.Name, "token": t.ID, "name": name, "expires": t.Expires})
	})
	if err != nil {
		return Token{}, "", err
	}
	return t, secret, nil
}

func (s *Service) mayHaveToken(tx *store.Tx, p Principal, a account, name string) error {
	switch {
	case a.State == Disabled:
		return fleet.Errorf(fleet.CodeConflict, "%s is disabled", a.Name)
	case p.ID != a.ID && a.Kind == Person:
		return fleet.Errorf(fleet.CodeForbidden, "a person's tokens are made by that person alone")
	}
	names, err := sessionIDs(tx, "SELECT name FROM access_session WHERE account = ? AND kind = ? AND ended = 0 AND expires > ?", a.ID, kindToken, store.Time(s.Clock.Now()))
	if err != nil {
		return err
	}
	for _, n := range names {
		if n == name {
			return fleet.Errorf(fleet.CodeConflict, "%s has a token called %s: end that one first, or choose another name", a.Name, name)
		}
	}
	if len(names) >= tokenMost {
		return fleet.Errorf(fleet.CodeConflict, "%s has %d tokens, the most there may be: end one first", a.Name, tokenMost)
	}
	return nil
}

// Tokens lists the live API tokens of an account, newest first.
func (s *Service) Tokens(ctx context.Context, accountID string) (out []Token, err error) {
	rows, err := s.DB.Query(ctx, "SELECT "+sessionColumns+" WHERE account = ? AND kind = ? AND ended = 0 AND expires > ? ORDER BY id DESC", accountID, kindToken, store.Time(s.Clock.Now()))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		row, err := scanSession(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, row.token())
	}
	return out, rows.Err()
}

// token is what is shown of a session that is one.
func (row session) token() Token {
	t := Token{ID: row.id, Name: row.name, Created: row.created, Expires: row.expires, Address: row.address}
	if !row.seen.IsZero() {
		t.LastUsed = &row.seen
	}
	return t
}

// RevokeToken ends an API token of an account at once.
func (s *Service) RevokeToken(ctx context.Context, accountID, tokenID string) error {
	now := s.Clock.Now()
	return s.DB.Change(ctx, func(tx *store.Tx) error {
		a, err := s.findAccount(ctx, in(tx), accountID)
		if err != nil {
			return err
		}
		var kind string
		err = tx.QueryRow("SELECT kind FROM access_session WHERE id = ? AND account = ? AND kind = ? AND ended = 0 AND expires > ?", tokenID, a.ID, kindToken, store.Time(now)).Scan(&kind)
		if store.IsNoRows(err) {
			return fleet.Errorf(fleet.CodeNotFound, "there is no such token: list your tokens to see their ids")
		}
		if err != nil {
			return err
		}
		if _, err := endSessions(tx, ending{account: a.ID, session: tokenID, at: now, reason: "revoked"}); err != nil {
			return err
		}
		tx.OnCommit(func() { s.endedSession(tokenID) })
		return s.record(ctx, tx, "token.revoked", a.Account, map[string]any{"account": a.Name, "token": tokenID})
	})
}
