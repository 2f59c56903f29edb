package access

import (
	"context"
	"fmt"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

// CreateLink makes the secret of a one-time sign-in link for a person, good for ttl (at most Rules.LinkLife). The secret
// is returned once and stored only as its hash.
func (s *Service) CreateLink(ctx context.Context, ref string, ttl time.Duration) (secret string, err error) {
	if ttl <= 0 || ttl > s.Rules.LinkLife {
		return "", fleet.Invalid("ttl", fmt.Sprintf("want more than nothing and at most %s", s.Rules.LinkLife))
	}
	secret, hash := newSecret(linkPrefix)
	expires := s.Clock.Now().Add(ttl)
	err = s.DB.Change(ctx, func(tx *store.Tx) error {
		a, err := s.findAccount(ctx, in(tx), ref)
		if err != nil {
			return err
		}
		if a.Kind != Person || a.State == Disabled {
			return fleet.Errorf(fleet.CodeConflict, "%s cannot sign in with a link: it is no person, or is disabled", a.Name)
		}
		if _, err := tx.Exec("INSERT INTO access_link (hash, account, expires) VALUES (?, ?, ?)", hash, a.ID, store.Time(expires)); err != nil {
			return err
		}
		return s.record(ctx, tx, "link.created", a.Account, map[string]any{"account": a.Name, "expires": expires})
	})
	if err != nil {
		return "", err
	}
	return secret, nil
}

// LoginByLink signs in with a one-time link and uses it up. A person with a second factor still shows a code.
func (s *Service) LoginByLink(ctx context.Context, secret string, q LoginRequest) (Grant, error) {
	t := attempt{surface: surfaceOf(q.Surface), account: unknownName, address: q.Address}
	if err := s.brake(t); err != nil {
		return Grant{}, err
	}
	a, err := s.accountOfLink(ctx, secret)
	if fleet.CodeOf(err) == fleet.CodeNotFound {
		return Grant{}, s.refuseLink(ctx, t)
	}
	if err != nil {
		return Grant{}, err
	}
	t.account, t.key = a.Name, a.nameKey
	done, err := s.attempts.take(ctx, t.key)
	if err != nil {
		return Grant{}, err
	}
	defer done()
	method, step, err := s.proveLinkFactor(ctx, t, a, q.Code)
	if err != nil {
		return Grant{}, err
	}
	grant, err := s.signIn(ctx, t, a, method, step, func(tx *store.Tx) error { return s.useLink(tx, a, secret, t.address) })
	if fleet.CodeOf(err) == fleet.CodeNotFound {
		return Grant{}, s.refuseLink(ctx, t)
	}
	return grant, err
}

// proveLinkFactor asks for the code, unless the name is locked: a link must not be the way around the lock-out of codes.
func (s *Service) proveLinkFactor(ctx context.Context, t attempt, a account, code string) (string, int64, error) {
	if !a.MFA {
		return "link", 0, nil
	}
	if wait, err := s.lockedFor(ctx, t.key); err != nil {
		return "", 0, err
	} else if wait > 0 {
		s.reportFailure(t, refusedLocked)
		return "", 0, errLocked(wait)
	}
	return s.proveFactor(ctx, t, a, code, "link")
}

func (s *Service) refuseLink(ctx context.Context, t attempt) error {
	t.key = "" // a used link is no guess at somebody's password
	if _, err := s.failed(ctx, t, refusedLink); err != nil {
		return err
	}
	return fleet.Errorf(fleet.CodeUnauthenticated, "this sign-in link was used or has expired: ask for a new one, or sign in with your password")
}

func (s *Service) accountOfLink(ctx context.Context, secret string) (account, error) {
	if !validSecret(secret, linkPrefix) {
		return account{}, fleet.Errorf(fleet.CodeNotFound, "no such link")
	}
	var accountID string
	err := s.DB.QueryRow(ctx, "SELECT account FROM access_link WHERE hash = ? AND expires > ?", hashSecret(secret), store.Time(s.Clock.Now())).Scan(&accountID)
	if store.IsNoRows(err) {
		return account{}, fleet.Errorf(fleet.CodeNotFound, "no such link")
	}
	if err != nil {
		return account{}, err
	}
	return s.findAccount(ctx, s.DB.QueryRow, accountID)
}

// useLink uses a link up; of two at once only one finds it.
func (s *Service) useLink(tx *store.Tx, a account, secret, address string) error {
	n, err := tx.Exec("DELETE FROM access_link WHERE hash = ? AND expires > ?", hashSecret(secret), store.Time(s.Clock.Now()))
	if err != nil {
		return err
	}
	if n == 0 {
		return fleet.Errorf(fleet.CodeNotFound, "no such link")
	}
	by := a.Party()
	by.Address = address
	return s.Audit.Record(tx, fleet.NewEvent("link.used", s.Clock.Now(), by, a.Party(), map[string]any{"account": a.Name}))
}

func dropLinks(tx *store.Tx, accountID string) error {
	_, err := tx.Exec("DELETE FROM access_link WHERE account = ?", accountID)
	return err
}
