package access

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

const reasonMost = 500 // characters of a reason

// Disable ends an account: sessions, tokens and certificates die with it, on every node. Errors: CodeInvalid without a
// reason, CodeNotFound, CodeConflict for the last system administrator.
func (s *Service) Disable(ctx context.Context, ref, reason string) (Account, error) {
	return s.change(ctx, ref, func(tx *store.Tx, a *account) error { return s.disable(ctx, tx, a, reason) })
}

// disable ends an account within a transaction that holds the guard.
func (s *Service) disable(ctx context.Context, tx *store.Tx, a *account, reason string) error {
	if err := checkReason(reason); err != nil {
		return err
	}
	trusted := s.trust.Load()
	if trusted == nil {
		return fleet.Errorf(fleet.CodeUnavailable, "the certificate authority is not ready, so the account's certificates could not be revoked: try again shortly")
	}
	if a.disabled {
		return fleet.Errorf(fleet.CodeConflict, "%s is disabled already", a.Name)
	}
	if err := s.keepAdministrator(tx, *a); err != nil {
		return err
	}
	ended, err := endSessions(tx, ending{account: a.ID, at: s.Clock.Now(), reason: "account disabled"})
	if err != nil {
		return err
	}
	if err := dropLinks(tx, a.ID); err != nil {
		return err
	}
	if err := trusted.revoker.RevokeSubject(tx, "account", a.ID, "account disabled: "+reason, PartyOf(ctx)); err != nil {
		return err
	}
	tx.OnCommit(func() { s.cut(a.ID, "account disabled") })
	if err := setState(tx, a.ID, true, reason); err != nil {
		return err
	}
	return s.record(ctx, tx, "account.disabled", a.Account, map[string]any{"account": a.Name, "reason": reason, "sessions": ended})
}

// Enable lets a disabled account sign in again; its old sessions, tokens and certificates stay dead.
func (s *Service) Enable(ctx context.Context, ref string) (Account, error) {
	return s.change(ctx, ref, func(tx *store.Tx, a *account) error {
		if a.State != Disabled {
			return fleet.Errorf(fleet.CodeConflict, "%s is not disabled", a.Name)
		}
		if a.ended(s.Clock.Now()) {
			return fleet.Errorf(fleet.CodeConflict, "the time of %s ended on %s: give it a later end first (thingward account expire)", a.Name, a.Expires.Format(time.DateOnly))
		}
		if err := setState(tx, a.ID, false, ""); err != nil {
			return err
		}
		return s.record(ctx, tx, "account.enabled", a.Account, map[string]any{"account": a.Name})
	})
}

// Unlock ends a lock-out before its time.
func (s *Service) Unlock(ctx context.Context, ref string) (Account, error) {
	return s.change(ctx, ref, func(tx *store.Tx, a *account) error {
		if a.LockedUntil == nil {
			return fleet.Errorf(fleet.CodeConflict, "%s is not locked", a.Name)
		}
		if err := clearFailures(tx, a.nameKey); err != nil {
			return err
		}
		return s.record(ctx, tx, "account.unlocked", a.Account, map[string]any{"account": a.Name})
	})
}

// SetRoles replaces an account's roles, and its site where site is not nil; roles that no site limits drop it. Open sessions get the new ones with their next
// request.
func (s *Service) SetRoles(ctx context.Context, ref string, roles []Role, site *string) (Account, error) {
	return s.change(ctx, ref, func(tx *store.Tx, a *account) error {
		if err := notSelf(ctx, *a, "nobody changes their own roles, so ask another system administrator"); err != nil {
			return err
		}
		place := ""
		if site != nil {
			place = *site
		} else if slices.ContainsFunc(roles, ofOneSite) {
			place = a.Site
		}
		if err := checkRoles(a.Kind, roles, place); err != nil {
			return err
		}
		if !slices.Contains(a.Roles, Auditor) { // who has the role without an end, from an earlier version, keeps it: posture says so
			if err := s.auditorEnds(roles, a.Expires); err != nil {
				return err
			}
		}
		if !slices.Contains(roles, SystemAdministrator) {
			if err := s.keepAdministrator(tx, *a); err != nil {
				return err
			}
		}
		before := a.Roles
		if err := setRoles(tx, a.ID, inOrder(roles), place); err != nil {
			return err
		}
		return s.record(ctx, tx, "account.roles-changed", a.Account, map[string]any{"account": a.Name, "before": before, "after": inOrder(roles), "site": place})
	})
}

// notSelf refuses what an administrator does for others and must not do to get around a check on their own account.
func notSelf(ctx context.Context, a account, instead string) error {
	if PartyOf(ctx).ID == a.ID {
		return fleet.Errorf(fleet.CodeConflict, "this is your own account: %s", instead)
	}
	return nil
}

// keepAdministrator refuses to take away the last enabled system administrator whose account does not end by itself: nobody
// could appoint another one.
func (s *Service) keepAdministrator(tx *store.Tx, a account) error {
	if a.State == Disabled || a.Expires != nil || !slices.Contains(a.Roles, SystemAdministrator) {
		return nil
	}
	others, err := otherAdministrators(tx, a.ID)
	if err == nil && others == 0 {
		return fleet.Errorf(fleet.CodeConflict, "%s is the last enabled system administrator, and without one nobody can manage accounts: appoint another one first", a.Name)
	}
	return err
}

// change loads an account, lets fn change it in a transaction of its own turn, and returns what it became.
func (s *Service) change(ctx context.Context, ref string, fn func(*store.Tx, *account) error) (Account, error) {
	var out Account
	err := s.DB.Change(ctx, func(tx *store.Tx) error {
		if err := guard(tx); err != nil {
			return err
		}
		a, err := s.findAccount(ctx, in(tx), ref)
		if err != nil {
			return err
		}
		if err := fn(tx, &a); err != nil {
			return err
		}
		if _, err := tx.Exec("UPDATE access_account SET changed = ? WHERE id = ?", store.Time(s.Clock.Now()), a.ID); err != nil {
			return err
		}
		tx.OnCommit(func() { s.changed(a.ID) })
		a, err = s.findAccount(ctx, in(tx), a.ID)
		out = a.Account
		return err
	})
	if err != nil {
		return Account{}, err
	}
	return out, nil
}

func checkReason(reason string) error {
	switch {
	case strings.TrimSpace(reason) == "":
		return fleet.Invalid("reason", "is required: whoever reads the log later wants to know why")
	case len(reason) > reasonMost:
		return fleet.Invalid("reason", "is longer than 500 characters")
	}
	return nil
}
