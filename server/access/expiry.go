package access

import (
	"context"
	"errors"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

const (
	reasonExpired = "its time is over"
	expiryMost    = 5 * 366 * 24 * time.Hour // an end further away than this is a slip of the pen
)

// ended reports whether the account's time is over. It is asked with every use of a credential, so that nothing lives on
// until the sweep.
func (a Account) ended(now time.Time) bool { return a.Expires != nil && !now.Before(*a.Expires) }

func (s *Service) checkExpiry(at *time.Time) error {
	switch now := s.Clock.Now(); {
	case at == nil:
		return nil
	case !at.After(now):
		return fleet.Invalid("expires", "lies in the past: to end an account now, disable it")
	case at.Sub(now) > expiryMost:
		return fleet.Invalid("expires", "is more than five years away: leave it out for an account without an end")
	}
	return nil
}

// SetExpiry gives an account an end, or takes it away with nil. From its end on the account cannot sign in by any means; the
// sweep then disables it with its sessions, tokens and certificates. A disabled account stays so until it is enabled.
// Errors: CodeInvalid (an auditor's account always has an end), CodeNotFound, CodeConflict for one's own account and the last lasting administrator.
func (s *Service) SetExpiry(ctx context.Context, ref string, at *time.Time) (Account, error) {
	if err := s.checkExpiry(at); err != nil {
		return Account{}, err
	}
	return s.change(ctx, ref, func(tx *store.Tx, a *account) error {
		if err := notSelf(ctx, *a, "nobody moves their own end, so ask another system administrator"); err != nil {
			return err
		}
		if err := s.auditorEnds(a.Roles, at); err != nil {
			return err
		}
		if at != nil {
			if err := s.keepAdministrator(tx, *a); err != nil {
				return err
			}
		}
		if _, err := tx.Exec("UPDATE access_account SET expires = ? WHERE id = ?", store.Time(since(at)), a.ID); err != nil {
			return err
		}
		tx.OnCommit(s.wakeUp)
		return s.record(ctx, tx, "account.expiry-changed", a.Account, map[string]any{"account": a.Name, "before": a.Expires, "expires": at})
	})
}

// wakeUp makes Run look anew for the next end.
func (s *Service) wakeUp() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// untilSweep is how long Run may wait: a minute, or until the next account ends.
func (s *Service) untilSweep(ctx context.Context) time.Duration {
	var next int64
	err := s.DB.QueryRow(ctx, "SELECT COALESCE(MIN(expires), 0) FROM access_account WHERE expires > 0 AND disabled = ?", false).Scan(&next)
	if err != nil || next == 0 {
		return sweepEvery
	}
	return min(sweepEvery, max(store.FromTime(next).Sub(s.Clock.Now()), time.Second))
}

// endAccounts disables the accounts whose time is over, each with its entry.
func (s *Service) endAccounts(ctx context.Context, now time.Time) error {
	due, err := s.dueAccounts(ctx, now)
	for _, one := range due {
		_, fault := s.change(ctx, one, func(tx *store.Tx, a *account) error {
			if a.disabled || !a.ended(now) {
				return errUnchanged
			}
			return s.disable(ctx, tx, a, reasonExpired)
		})
		if !errors.Is(fault, errUnchanged) {
			err = errors.Join(err, fault)
		}
	}
	return err
}

func (s *Service) dueAccounts(ctx context.Context, now time.Time) (due []string, err error) {
	rows, err := s.DB.Query(ctx, "SELECT id FROM access_account WHERE expires > 0 AND expires <= ? AND disabled = ? ORDER BY id LIMIT 1000", store.Time(now), false)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return nil, err
		}
		due = append(due, one)
	}
	return due, rows.Err()
}

var errUnchanged = errors.New("nothing to change")
