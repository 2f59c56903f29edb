package access

import (
	"context"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

// refusal is why a sign-in failed, for the event; the caller is told the same whatever it was.
type refusal string

// The reasons of login.failed.
const (
	refusedUnknown     refusal = "unknown account"
	refusedPassword    refusal = "wrong password"
	refusedCode        refusal = "wrong code"
	refusedReplay      refusal = "code used twice"
	refusedDisabled    refusal = "account disabled"
	refusedKind        refusal = "not a person"
	refusedLocked      refusal = "locked"
	refusedThrottled   refusal = "too many failures from this address"
	refusedLink        refusal = "link unknown, used or expired"
	refusedMalformed   refusal = "malformed credential"
	refusedSecret      refusal = "unknown session or token"
	refusedToken       refusal = "token expired or revoked"
	refusedCertificate refusal = "certificate refused"
	refusedFlood       refusal = "more failures than were reported one by one"
)

const wrong = "user name, password or code is wrong"

func errWrong() *fleet.Error { return fleet.Errorf(fleet.CodeUnauthenticated, wrong) }

// errLocked is what a locked name hears, whether or not an account of that name exists.
func errLocked(wait time.Duration) *fleet.Error {
	e := fleet.Errorf(fleet.CodeUnauthenticated, wrong+"; after this many failures, wait before the next try, or ask an administrator to unlock the account")
	e.RetryAfter = max(wait, time.Second)
	return e
}

// attempt is one try to prove something.
type attempt struct {
	surface string // console, cli, api
	account string // the name of an account that exists, or unknownName
	key     string // its failures' key, or "" where nothing is locked
	address string
}

const unknownName = "unknown"

// failed reports a failed try and counts it; it returns the lock that the name is under after it, or the zero time.
func (s *Service) failed(ctx context.Context, t attempt, why refusal) (until time.Time, err error) {
	now := s.Clock.Now()
	s.addresses.failed(t.address, now)
	s.reportFailure(t, why)
	if t.key == "" {
		return time.Time{}, nil
	}
	err = s.DB.Keep(ctx, func(tx *store.Tx) error {
		f, err := countFailure(tx, t.key, now, s.Rules)
		until = store.FromTime(f.until)
		return err
	})
	if err == nil && until.After(now) {
		s.publish(fleet.NewEvent("login.locked", now, fleet.Anonymous(t.address), fleet.Server("access"), map[string]any{"account": t.account, "until": until, "surface": t.surface, "address": t.address, "name": shortKey(t.key)}))
	}
	return until, err
}

func (s *Service) reportFailure(t attempt, why refusal) {
	now := s.Clock.Now()
	before, ok := s.addresses.mayReport(t.address, now)
	if !ok {
		return
	}
	data := map[string]any{"surface": t.surface, "account": t.account, "reason": string(why), "address": t.address}
	if t.key != "" {
		data["name"] = shortKey(t.key) // tells tries on one unknown name from tries on many, without the name
	}
	if before > 0 {
		data["unreported"] = before
	}
	s.publish(fleet.NewEvent("login.failed", now, fleet.Anonymous(t.address), fleet.Server("access"), data))
}

func shortKey(key string) string { return key[:12] }

func (s *Service) publish(ev fleet.Event) {
	if s.Bus == nil {
		return
	}
	if err := s.Bus.Publish(ev); err != nil {
		s.Log.Error("event not published", "type", ev.Type, "error", err)
	}
}

// lockedFor is how long a name is still locked.
func (s *Service) lockedFor(ctx context.Context, key string) (time.Duration, error) {
	var until int64
	err := s.DB.QueryRow(ctx, "SELECT until FROM access_failure WHERE name_key = ?", key).Scan(&until)
	if store.IsNoRows(err) {
		return 0, nil
	}
	return max(0, store.FromTime(until).Sub(s.Clock.Now())), err
}

type failures struct{ count, locks, until int64 }

// countFailure counts one more failure of a name and locks it when it is one too many. Failures older than two of the
// longest locks are forgotten.
func countFailure(tx *store.Tx, key string, now time.Time, r Rules) (f failures, err error) {
	forgotten := store.Time(now.Add(-2 * r.MaxLock))
	_, err = tx.Exec(`INSERT INTO access_failure (name_key, count, locks, last, until) VALUES (?, 1, 0, ?, 0)
  ON CONFLICT (name_key) DO UPDATE SET
    count = CASE WHEN access_failure.last < ? THEN 1 ELSE access_failure.count + 1 END,
    locks = CASE WHEN access_failure.last < ? THEN 0 ELSE access_failure.locks END,
    last = ?`, key, store.Time(now), forgotten, forgotten, store.Time(now))
	if err != nil {
		return f, err
	}
	if err := tx.QueryRow("SELECT count, locks, until FROM access_failure WHERE name_key = ?", key).Scan(&f.count, &f.locks, &f.until); err != nil {
		return f, err
	}
	if f.count < int64(r.Failures) {
		return f, nil
	}
	f.until = store.Time(now.Add(lockLength(r, f.locks)))
	_, err = tx.Exec("UPDATE access_failure SET count = 0, locks = locks + 1, until = ? WHERE name_key = ?", f.until, key)
	return f, err
}

// lockLength doubles with every lock before.
func lockLength(r Rules, locks int64) time.Duration {
	d := r.Lock
	for ; locks > 0 && d < r.MaxLock; locks-- {
		d *= 2
	}
	return min(d, r.MaxLock)
}

func clearFailures(tx *store.Tx, key string) error {
	_, err := tx.Exec("DELETE FROM access_failure WHERE name_key = ?", key)
	return err
}
