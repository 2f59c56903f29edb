package access

import (
	"context"
	"errors"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

// ChangePassword sets the caller's own password, given the present one (empty where the account has none yet). All other
// sessions of the account end. Wrong tries count as failed sign-ins.
func (s *Service) ChangePassword(ctx context.Context, p Principal, current, next string) error {
	if err := onlyInteractive(p); err != nil {
		return err
	}
	t := attempt{surface: "settings", key: s.nameKey(p.Name), address: p.Address, account: p.Name}
	done, err := s.attempts.take(ctx, t.key)
	if err != nil {
		return err
	}
	defer done()
	a, err := s.findAccount(ctx, s.DB.QueryRow, p.ID)
	if err != nil {
		return err
	}
	if a.hash != "" || current != "" {
		if a, err = s.provePassword(ctx, &t, p.Name, current); err != nil {
			return presentWrong(err)
		}
	}
	if err := s.checkNew(ctx, a, "new", next); err != nil {
		return err
	}
	_, err = s.setPassword(ctx, a, next, func(tx *store.Tx) (int64, error) {
		return endSessions(tx, ending{account: a.ID, except: p.Session, keepTokens: true, at: s.Clock.Now(), reason: "password changed"})
	}, false)
	return err
}

// presentWrong turns a failed sign-in into a wrong field: the caller is signed in and must not be sent to sign in again.
func presentWrong(err error) error {
	var fe *fleet.Error
	if errors.As(err, &fe) && fe.Code == fleet.CodeUnauthenticated {
		if fe.RetryAfter > 0 {
			return &fleet.Error{Code: fleet.CodeUnavailable, Message: "too many failures: wait before the next try", RetryAfter: fe.RetryAfter}
		}
		return fleet.Invalid("current", "is not your present password")
	}
	return err
}

// ResetPassword sets a person's password for them: they must change it, and every session and token of theirs ends.
func (s *Service) ResetPassword(ctx context.Context, ref, next string) (Account, error) {
	a, err := s.findAccount(ctx, s.DB.QueryRow, ref)
	if err != nil {
		return Account{}, err
	}
	if err := notSelf(ctx, a, "change your password in your settings, with the present one"); err != nil {
		return Account{}, err
	}
	if a.Kind != Person {
		return Account{}, fleet.Errorf(fleet.CodeConflict, "%s is a service account and has no password: give it a certificate or an API token", a.Name)
	}
	if err := s.checkNew(ctx, a, "password", next); err != nil {
		return Account{}, err
	}
	return s.setPassword(ctx, a, next, func(tx *store.Tx) (int64, error) {
		if err := dropLinks(tx, a.ID); err != nil {
			return 0, err
		}
		return endSessions(tx, ending{account: a.ID, at: s.Clock.Now(), reason: "password reset by an administrator"})
	}, true)
}

// checkNew applies the rules and refuses the present and former passwords.
func (s *Service) checkNew(ctx context.Context, a account, field, next string) error {
	if err := s.Rules.checkPassword(field, a.Name, next); err != nil {
		return err
	}
	hashes, err := s.formerPasswords(ctx, a)
	if err != nil {
		return err
	}
	for _, h := range hashes {
		match, _, err := s.hashing.verify(ctx, next, h)
		if err != nil {
			return err
		}
		if match {
			return fleet.Invalid(field, "was used before: choose one that is new")
		}
	}
	return nil
}

func (s *Service) formerPasswords(ctx context.Context, a account) (hashes []string, err error) {
	if a.hash != "" {
		hashes = append(hashes, a.hash)
	}
	rows, err := s.DB.Query(ctx, "SELECT hash FROM access_former_password WHERE account = ? ORDER BY until DESC LIMIT ?", a.ID, s.Rules.History)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var h string
		if err := rows.Scan(&h); err != nil {
			return nil, err
		}
		hashes = append(hashes, h)
	}
	return hashes, rows.Err()
}

func (s *Service) setPassword(ctx context.Context, before account, next string, end func(*store.Tx) (int64, error), mustChange bool) (Account, error) {
	hash, err := s.hashing.hash(ctx, next)
	if err != nil {
		return Account{}, err
	}
	now := s.Clock.Now()
	return s.change(ctx, before.ID, func(tx *store.Tx, a *account) error {
		if a.hash != before.hash {
			return fleet.Errorf(fleet.CodeConflict, "the password was changed by someone else meanwhile: begin again")
		}
		if err := s.keepFormer(tx, *a, now); err != nil {
			return err
		}
		if _, err := tx.Exec("UPDATE access_account SET password = ?, password_changed = ?, must_change = ? WHERE id = ?", hash, store.Time(now), mustChange, a.ID); err != nil {
			return err
		}
		if err := clearFailures(tx, a.nameKey); err != nil {
			return err
		}
		ended, err := end(tx)
		if err != nil {
			return err
		}
		return s.record(ctx, tx, "password.changed", a.Account, map[string]any{"account": a.Name, "sessions": ended, "reset": mustChange})
	})
}

// keepFormer remembers the password that is replaced, and no more of them than the rules ask for.
func (s *Service) keepFormer(tx *store.Tx, a account, now time.Time) error {
	if a.hash == "" {
		return nil
	}
	if _, err := tx.Exec("INSERT INTO access_former_password (account, hash, until) VALUES (?, ?, ?)", a.ID, a.hash, store.Time(now)); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM access_former_password WHERE account = ? AND hash NOT IN
  (SELECT hash FROM access_former_password WHERE account = ? ORDER BY until DESC LIMIT ?)`, a.ID, a.ID, s.Rules.History)
	return err
}
