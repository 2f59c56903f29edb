package access

import (
	"context"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

// Recover opens an enabled person's account to somebody who lost its password, on the word of whoever rules the data
// folder: the password is taken away, because only an account without one sets a new one unasked for the old; every
// session, token and link of it ends; a lock-out is lifted; and a one-time sign-in link is made, good for ttl. A second
// factor stays unless dropFactor. The events name server/recovery. Errors: CodeNotFound, CodeConflict for a service
// account or a disabled one.
func (s *Service) Recover(ctx context.Context, ref string, ttl time.Duration, dropFactor bool) (secret string, expires time.Time, err error) {
	secret, hash := newSecret(linkPrefix)
	expires = s.Clock.Now().Add(min(ttl, s.Rules.LinkLife))
	_, err = s.change(ctx, ref, func(tx *store.Tx, a *account) error {
		if a.Kind != Person || a.State == Disabled {
			return fleet.Errorf(fleet.CodeConflict, "%s cannot be recovered: it is no person, or is disabled; name an enabled person", a.Name)
		}
		return s.recoverInto(tx, *a, hash, expires, dropFactor)
	})
	if err != nil {
		return "", time.Time{}, err
	}
	return secret, expires, nil
}

func (s *Service) recoverInto(tx *store.Tx, a account, link string, expires time.Time, dropFactor bool) error {
	now := s.Clock.Now()
	say := func(typ string, data map[string]any) error {
		data["account"] = a.Name
		return s.Audit.Record(tx, fleet.NewEvent(typ, now, fleet.Server("recovery"), a.Party(), data))
	}
	if err := s.keepFormer(tx, a, now); err != nil {
		return err
	}
	if _, err := tx.Exec("UPDATE access_account SET password = '', password_changed = 0, must_change = ? WHERE id = ?", true, a.ID); err != nil {
		return err
	}
	if err := dropLinks(tx, a.ID); err != nil {
		return err
	}
	ended, err := endSessions(tx, ending{account: a.ID, at: now, reason: "account recovered"})
	if err != nil {
		return err
	}
	if err := clearFailures(tx, a.nameKey); err != nil {
		return err
	}
	if a.LockedUntil != nil {
		if err := say("account.unlocked", map[string]any{}); err != nil {
			return err
		}
	}
	if dropFactor && a.MFA {
		if _, err := tx.Exec("DELETE FROM access_factor WHERE account = ?", a.ID); err != nil {
			return err
		}
		if err := say("mfa.removed", map[string]any{"kind": factorKind}); err != nil {
			return err
		}
	}
	if _, err := tx.Exec("INSERT INTO access_link (hash, account, expires) VALUES (?, ?, ?)", link, a.ID, store.Time(expires)); err != nil {
		return err
	}
	return say("link.created", map[string]any{"expires": expires, "passwordRemoved": a.hash != "", "sessions": ended})
}
