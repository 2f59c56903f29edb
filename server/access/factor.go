package access

import (
	"context"
	"crypto/subtle"
	"errors"
	"slices"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

const (
	totpPeriod = 30 // seconds; RFC 6238 and every authenticator app
	totpSkew   = 1  // steps a phone's clock may be off
	factorKind = "totp"
)

// errReplay means that a code was used before; the sign-in fails.
var errReplay = errors.New("code used twice")

// errCodeMissing tells who knows the password that a code is wanted too.
var errCodeMissing = &fleet.Error{
	Code: fleet.CodeUnauthenticated, Message: "a code of your authenticator app is required",
	Fields: []fleet.FieldError{{Path: "code", Message: "is required: the six digits that your authenticator app shows"}},
}

// factor is a row of access_factor, opened.
type factor struct {
	secret    string // base32
	confirmed bool
	used      int64
}

func factorLabel(accountID string) string { return "access/totp/" + accountID }

func (s *Service) loadFactor(ctx context.Context, accountID string) (factor, bool, error) {
	var box []byte
	var confirmed int64
	var f factor
	err := s.DB.QueryRow(ctx, "SELECT secret, confirmed, used FROM access_factor WHERE account = ?", accountID).Scan(&box, &confirmed, &f.used)
	if store.IsNoRows(err) {
		return f, false, nil
	}
	if err != nil {
		return f, false, err
	}
	plain, err := s.Key.Open(box, factorLabel(accountID))
	f.secret, f.confirmed = string(plain), confirmed != 0
	return f, err == nil, err
}

// step finds the time step whose code this is, or 0.
func (f factor) step(code string, nowUnix int64) int64 {
	if len(code) != otp.DigitsSix.Length() {
		return 0
	}
	var found int64
	for step := nowUnix/totpPeriod - totpSkew; step <= nowUnix/totpPeriod+totpSkew; step++ {
		want, err := hotp.GenerateCodeCustom(f.secret, uint64(step), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			found = step
		}
	}
	return found
}

// useStep uses a code up; errReplay when it, or a later one, was used before on any node.
func useStep(tx *store.Tx, accountID string, step int64) error {
	n, err := tx.Exec("UPDATE access_factor SET used = ? WHERE account = ? AND used < ?", step, accountID, step)
	if err == nil && n == 0 {
		return errReplay
	}
	return err
}

// proveFactor checks the code of an account that has a second factor. step is the code's time step, 0 where no factor is
// enrolled; method is how the session was proved in the end.
func (s *Service) proveFactor(ctx context.Context, t attempt, a account, code, first string) (method string, step int64, err error) {
	f, there, err := s.loadFactor(ctx, a.ID)
	if err != nil || !there || !f.confirmed {
		return first, 0, err
	}
	if code == "" {
		s.publish(fleet.NewEvent("login.challenged", s.Clock.Now(), fleet.Anonymous(t.address), fleet.Server("access"), map[string]any{"surface": t.surface, "account": a.Name}))
		return "", 0, errCodeMissing
	}
	step = f.step(code, s.Clock.Now().Unix())
	switch {
	case step == 0:
		return "", 0, s.refuse(ctx, t, refusedCode)
	case step <= f.used:
		return "", 0, s.refuse(ctx, t, refusedReplay)
	}
	return factorKind, step, nil
}

// Enrolment is a second factor that is not confirmed yet. URI is what the QR code shows (otpauth).
type Enrolment struct {
	Secret string `json:"secret"`
	URI    string `json:"uri"`
}

// BeginFactor makes a new secret for the caller's authenticator app. It counts only once ConfirmFactor has seen a code.
// CodeConflict when a factor is enrolled already.
func (s *Service) BeginFactor(ctx context.Context, p Principal) (Enrolment, error) {
	if err := onlyInteractive(p); err != nil {
		return Enrolment{}, err
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "Thingward", AccountName: p.Name, Period: totpPeriod, SecretSize: 20})
	if err != nil {
		return Enrolment{}, err
	}
	box := s.Key.Seal([]byte(key.Secret()), factorLabel(p.ID))
	err = s.DB.Change(ctx, func(tx *store.Tx) error {
		a, err := s.findAccount(ctx, in(tx), p.ID)
		if err != nil {
			return err
		}
		if a.MFA {
			return fleet.Errorf(fleet.CodeConflict, "a second factor is enrolled already: remove it first")
		}
		if _, err := tx.Exec("INSERT INTO access_factor (account, secret, confirmed, used) VALUES (?, ?, 0, 0) ON CONFLICT (account) DO UPDATE SET secret = ?, used = 0", p.ID, box, box); err != nil {
			return err
		}
		return s.record(ctx, tx, "mfa.begun", a.Account, map[string]any{"account": a.Name, "kind": factorKind})
	})
	if err != nil {
		return Enrolment{}, err
	}
	return Enrolment{Secret: key.Secret(), URI: key.URL()}, nil
}

// ConfirmFactor enrols the factor with a code that it shows; the session counts as two-factor from now.
func (s *Service) ConfirmFactor(ctx context.Context, p Principal, code string) error {
	if err := onlyInteractive(p); err != nil {
		return err
	}
	return s.withCode(ctx, p, code, false, func(tx *store.Tx, a account) error {
		now := store.Time(s.Clock.Now())
		n, err := tx.Exec("UPDATE access_factor SET confirmed = ? WHERE account = ? AND confirmed = 0", now, a.ID)
		if err != nil {
			return err
		}
		if n == 0 {
			return fleet.Errorf(fleet.CodeConflict, "this enrolment was finished or begun anew meanwhile: begin again")
		}
		if _, err := tx.Exec("UPDATE access_session SET mfa = ? WHERE id = ?", true, p.Session); err != nil {
			return err
		}
		return s.record(ctx, tx, "mfa.enrolled", a.Account, map[string]any{"account": a.Name, "kind": factorKind})
	})
}

// RemoveFactor takes the caller's factor off, given a code that it shows.
func (s *Service) RemoveFactor(ctx context.Context, p Principal, code string) error {
	if err := onlyInteractive(p); err != nil {
		return err
	}
	return s.withCode(ctx, p, code, true, func(tx *store.Tx, a account) error { return s.dropFactor(ctx, tx, a) })
}

// ResetFactor takes an account's factor off, for somebody who lost it; the person signs in with the password alone and
// enrols anew.
func (s *Service) ResetFactor(ctx context.Context, ref string) (Account, error) {
	return s.change(ctx, ref, func(tx *store.Tx, a *account) error {
		if err := notSelf(ctx, *a, "remove your own second factor in your settings, with a code of it"); err != nil {
			return err
		}
		if !a.MFA {
			return fleet.Errorf(fleet.CodeConflict, "%s has no second factor", a.Name)
		}
		return s.dropFactor(ctx, tx, *a)
	})
}

func (s *Service) dropFactor(ctx context.Context, tx *store.Tx, a account) error {
	if _, err := tx.Exec("DELETE FROM access_factor WHERE account = ?", a.ID); err != nil {
		return err
	}
	if _, err := tx.Exec("UPDATE access_session SET mfa = ? WHERE account = ?", false, a.ID); err != nil {
		return err
	}
	tx.OnCommit(func() { s.changed(a.ID) })
	return s.record(ctx, tx, "mfa.removed", a.Account, map[string]any{"account": a.Name, "kind": factorKind})
}

// withCode runs a change that needs a code of the caller's factor, confirmed or not. Wrong codes count as failed
// sign-ins, so that an open session is no place to guess from.
func (s *Service) withCode(ctx context.Context, p Principal, code string, confirmed bool, fn func(*store.Tx, account) error) error {
	t := attempt{surface: "settings", account: p.Name, key: s.nameKey(p.Name), address: p.Address}
	done, err := s.attempts.take(ctx, t.key)
	if err != nil {
		return err
	}
	defer done()
	if wait, err := s.lockedFor(ctx, t.key); err != nil {
		return err
	} else if wait > 0 {
		return &fleet.Error{Code: fleet.CodeUnavailable, Message: "too many failures: wait before the next try", RetryAfter: wait}
	}
	f, there, err := s.loadFactor(ctx, p.ID)
	if err != nil {
		return err
	}
	if !there || f.confirmed != confirmed {
		return errNoFactor(confirmed)
	}
	step := f.step(code, s.Clock.Now().Unix())
	if step == 0 || step <= f.used {
		if _, err := s.failed(ctx, t, refusedCode); err != nil {
			return err
		}
		return fleet.Invalid("code", "is not the code that the app shows now, or was used before: wait for the next one, and check the phone's clock")
	}
	err = s.DB.Change(ctx, func(tx *store.Tx) error {
		a, err := s.findAccount(ctx, in(tx), p.ID)
		if err != nil {
			return err
		}
		if err := useStep(tx, a.ID, step); err != nil {
			return err
		}
		tx.OnCommit(func() { s.changed(a.ID) })
		return fn(tx, a)
	})
	if errors.Is(err, errReplay) {
		return fleet.Invalid("code", "was used before: wait for the next one")
	}
	return err
}

func errNoFactor(confirmed bool) error {
	if confirmed {
		return fleet.Errorf(fleet.CodeConflict, "no second factor is enrolled")
	}
	return fleet.Errorf(fleet.CodeConflict, "no enrolment is waiting for its code: begin it again")
}

// onlyInteractive refuses tokens and certificates where a person's own decision is wanted: a stolen token must not make
// itself at home.
func onlyInteractive(p Principal) error {
	if p.Kind == Person && slices.Contains([]string{"password", factorKind, "link"}, p.Method) {
		return nil
	}
	return fleet.Errorf(fleet.CodeForbidden, "only a person who signed in may do this, not a token or certificate: sign in with thingward login or in the console")
}
