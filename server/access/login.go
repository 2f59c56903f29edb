package access

import (
	"context"
	"errors"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

// LoginRequest is one try to sign in. Surface is console, cli or api and decides how long the session lives.
type LoginRequest struct {
	User     string
	Password string
	Code     string // of the second factor, where there is one
	Address  string
	Surface  string
}

// Grant is a new session. Token is the only copy of its secret.
type Grant struct {
	Token     string
	Expires   time.Time
	Principal Principal
}

// Login signs a person in. Whatever was wrong, the error is the same (CodeUnauthenticated), with RetryAfter while the name
// is locked; only who knows the password hears that a code is missing (the field "code").
func (s *Service) Login(ctx context.Context, q LoginRequest) (Grant, error) {
	t := attempt{surface: surfaceOf(q.Surface), account: unknownName, key: s.nameKey(q.User), address: q.Address}
	if err := s.brake(t); err != nil {
		return Grant{}, err
	}
	done, err := s.attempts.take(ctx, t.key)
	if err != nil {
		return Grant{}, err
	}
	defer done()
	a, err := s.provePassword(ctx, &t, q.User, q.Password)
	if err != nil {
		return Grant{}, err
	}
	method, step, err := s.proveFactor(ctx, t, a, q.Code, "password")
	if err != nil {
		return Grant{}, err
	}
	return s.signIn(ctx, t, a, method, step, nil)
}

func surfaceOf(s string) string {
	switch s {
	case "console", "cli":
		return s
	}
	return "api"
}

// brake holds an address back that fails too often.
func (s *Service) brake(t attempt) error {
	wait, ok := s.addresses.mayLogIn(t.address, s.Clock.Now())
	if ok {
		return nil
	}
	s.reportFailure(t, refusedThrottled)
	return &fleet.Error{Code: fleet.CodeUnavailable, Message: "too many failed sign-ins from your address: wait before the next try", RetryAfter: wait}
}

// provePassword finds the person and checks the password. It takes as long for a name that does not exist. Its caller
// holds the name's turn.
func (s *Service) provePassword(ctx context.Context, t *attempt, user, password string) (account, error) {
	a, err := s.findByName(ctx, user)
	if err != nil && fleet.CodeOf(err) != fleet.CodeNotFound {
		return account{}, err
	}
	known := err == nil
	if known {
		t.account = a.Name
	}
	if wait, err := s.lockedFor(ctx, t.key); err != nil {
		return account{}, err
	} else if wait > 0 {
		s.addresses.failed(t.address, s.Clock.Now())
		s.reportFailure(*t, refusedLocked)
		return account{}, errLocked(wait)
	}
	match, stale, err := s.hashing.verify(ctx, password, a.hash)
	if err != nil {
		return account{}, err
	}
	if why := whyRefused(a, known, match); why != "" {
		return account{}, s.refuse(ctx, *t, why)
	}
	if stale {
		a.hash = s.rehash(ctx, a, password)
	}
	return a, nil
}

func whyRefused(a account, known, match bool) refusal {
	switch {
	case !known:
		return refusedUnknown
	case a.Kind != Person:
		return refusedKind
	case !match:
		return refusedPassword
	case a.State == Disabled:
		return refusedDisabled
	}
	return ""
}

// refuse counts and reports a failure and gives the one error for all of them.
func (s *Service) refuse(ctx context.Context, t attempt, why refusal) error {
	until, err := s.failed(ctx, t, why)
	if err != nil {
		return err
	}
	if wait := until.Sub(s.Clock.Now()); wait > 0 {
		return errLocked(wait)
	}
	return errWrong()
}

// rehash brings a stored hash to today's cost while the password is at hand, and returns the one that is stored now.
func (s *Service) rehash(ctx context.Context, a account, password string) string {
	hash, err := s.hashing.hash(ctx, password)
	var n int64
	if err == nil {
		err = s.DB.Keep(ctx, func(tx *store.Tx) error {
			var err error
			n, err = tx.Exec("UPDATE access_account SET password = ? WHERE id = ? AND password = ?", hash, a.ID, a.hash)
			return err
		})
	}
	if err != nil {
		s.Log.Warn("password hash not renewed", "account", a.Name, "error", err)
	}
	if err != nil || n == 0 {
		return a.hash
	}
	return hash
}

// signIn opens the session; also runs in its transaction where it is not nil. step, if not 0, is the code's time step,
// which is used up.
func (s *Service) signIn(ctx context.Context, t attempt, a account, method string, step int64, also func(*store.Tx) error) (Grant, error) {
	now := s.Clock.Now()
	secret, hash := newSecret(sessionPrefix)
	row := s.newSession(a, t, hash, method, step != 0, now)
	err := s.DB.Keep(ctx, func(tx *store.Tx) error {
		if also != nil {
			if err := also(tx); err != nil {
				return err
			}
		}
		if err := s.stillMay(ctx, tx, a); err != nil {
			return err
		}
		if step != 0 {
			if err := useStep(tx, a.ID, step); err != nil {
				return err
			}
		}
		if err := clearFailures(tx, t.key); err != nil {
			return err
		}
		if _, err := tx.Exec("UPDATE access_account SET last_login = ? WHERE id = ?", store.Time(now), a.ID); err != nil {
			return err
		}
		shared, err := s.otherAddresses(tx, row)
		if err != nil {
			return err
		}
		tx.OnCommit(func() { s.reportSignIn(a, row, shared) })
		return openSession(tx, row)
	})
	if errors.Is(err, errReplay) {
		return Grant{}, s.refuse(ctx, t, refusedReplay)
	}
	if err != nil {
		return Grant{}, err
	}
	return Grant{Token: secret, Expires: row.expires, Principal: row.principal(a.Account, t.address)}, nil
}

// stillMay refuses when the account was disabled or its password changed while this sign-in was on its way.
func (s *Service) stillMay(ctx context.Context, tx *store.Tx, before account) error {
	a, err := s.findAccount(ctx, in(tx), before.ID)
	if err != nil {
		return err
	}
	if a.State == Disabled || !since(a.PasswordChanged).Equal(since(before.PasswordChanged)) {
		return errWrong()
	}
	return nil
}

func (s *Service) reportSignIn(a account, row session, shared []string) {
	who := a.Party()
	who.Address = row.address
	s.publish(fleet.NewEvent("session.opened", row.created, who, fleet.Server("access"), map[string]any{"method": row.method, "session": row.id, "surface": row.kind, "account": a.Name, "mfa": row.mfa}))
	if len(shared) > 0 {
		s.reportShared(a.Account, append(shared, row.address))
	}
}

// reportShared tells that one account is at work in several places at once (CLS-09, CLS-10).
func (s *Service) reportShared(a Account, addresses []string) {
	s.publish(fleet.NewEvent("account.shared", s.Clock.Now(), a.Party(), fleet.Server("access"), map[string]any{"account": a.Name, "kind": a.Kind, "addresses": addresses}))
}
