package access

import (
	"context"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

const seenEvery = time.Minute // how often the last use of a session reaches the database

var (
	errSignIn = fleet.Errorf(fleet.CodeUnauthenticated, "sign in first: thingward login, or the console's sign-in page")
	errEnded  = fleet.Errorf(fleet.CodeUnauthenticated, "your session has ended: sign in again")
	errCred   = fleet.Errorf(fleet.CodeUnauthenticated, "the session or token is not valid: sign in again, or make a new token")
)

// Authenticate finds out who sent a request: from its bearer token, else its session cookie, else its client certificate.
// A credential that is there and wrong is refused, never passed over for the next. Failures are reported as login.failed;
// an ended session and a request without any credential are no failures.
func (s *Service) Authenticate(r *http.Request) (Principal, error) {
	c := credentialOf(r)
	t := attempt{surface: c.surface, account: unknownName, address: remoteAddress(r)}
	switch {
	case c.malformed:
		return Principal{}, s.refuseCredential(t, refusedMalformed)
	case c.secret != "":
		return s.bySecret(r.Context(), t, c.secret)
	case r.TLS != nil && len(r.TLS.PeerCertificates) > 0:
		return s.byCertificate(r.Context(), t, r.TLS.PeerCertificates[0])
	}
	return Principal{}, errSignIn
}

// credential is what a request brings along.
type credential struct {
	secret    string
	surface   string
	malformed bool
}

func credentialOf(r *http.Request) credential {
	if headers := r.Header.Values("Authorization"); len(headers) > 0 {
		scheme, secret, _ := strings.Cut(headers[0], " ")
		c := credential{secret: strings.TrimSpace(secret), surface: "api"}
		if strings.HasPrefix(c.secret, sessionPrefix) {
			c.surface = "cli"
		}
		c.malformed = len(headers) > 1 || !strings.EqualFold(scheme, "Bearer") || (!validSecret(c.secret, tokenPrefix) && !validSecret(c.secret, sessionPrefix))
		return c
	}
	if cookie, err := r.Cookie(SessionCookie); err == nil {
		return credential{secret: cookie.Value, surface: kindConsole, malformed: !validSecret(cookie.Value, sessionPrefix)}
	}
	return credential{surface: "api"}
}

// remoteAddress is the IP address a request came from.
func remoteAddress(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

func (s *Service) refuseCredential(t attempt, why refusal) error {
	s.reportFailure(t, why)
	return errCred
}

func (s *Service) bySecret(ctx context.Context, t attempt, secret string) (Principal, error) {
	hash := hashSecret(secret)
	e, err := s.entryOf(hash, func() (*entry, error) { return s.loadSession(ctx, hash) })
	switch {
	case fleet.CodeOf(err) == fleet.CodeNotFound:
		return Principal{}, s.refuseCredential(t, refusedSecret)
	case err != nil:
		return Principal{}, err
	}
	t.account = e.owner.Name
	now := s.Clock.Now()
	over := !e.row.ended.IsZero() || !now.Before(e.row.expires) || e.idleOver(now) || e.owner.State == Disabled || e.owner.ended(now)
	switch {
	case over && e.row.kind == kindToken:
		return Principal{}, s.refuseCredential(t, refusedToken)
	case over:
		return Principal{}, errEnded
	}
	s.touch(ctx, e, t.address, now)
	return e.row.principal(e.owner, t.address), nil
}

// entryOf finds a credential in memory or loads it.
func (s *Service) entryOf(hash string, load func() (*entry, error)) (*entry, error) {
	now := s.Clock.Now()
	old, fresh, change := s.sessions.get(hash, now)
	if fresh {
		return old, nil
	}
	e, err := load()
	if err != nil {
		return nil, err
	}
	e.loaded = now
	if old != nil {
		old.mu.Lock()
		if old.seen.After(e.seen) {
			e.seen = old.seen
		}
		e.shared = old.shared
		old.mu.Unlock()
	}
	s.sessions.put(hash, e, change)
	return e, nil
}

func (s *Service) loadSession(ctx context.Context, hash string) (*entry, error) {
	row, err := scanSession(s.DB.QueryRow(ctx, "SELECT "+sessionColumns+" WHERE hash = ?", hash))
	if store.IsNoRows(err) {
		return nil, fleet.Errorf(fleet.CodeNotFound, "no such session")
	}
	if err != nil {
		return nil, err
	}
	a, err := s.Account(ctx, row.account)
	if err != nil {
		return nil, err
	}
	return &entry{row: row, owner: a, seen: row.seen, kept: row.seen, address: row.address}, nil
}

func (e *entry) idleOver(now time.Time) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.row.idle > 0 && now.Sub(e.seen) >= e.row.idle
}

// touch notes the use of a credential, and reports one that is at work in two places at once.
func (s *Service) touch(ctx context.Context, e *entry, address string, now time.Time) {
	e.mu.Lock()
	moved := e.address != "" && e.address != address && now.Sub(e.seen) < s.Rules.SharedWithin && now.Sub(e.shared) >= s.Rules.SharedWithin
	before := e.address
	if moved {
		e.shared = now
	}
	e.seen, e.address = now, address
	keep := now.Sub(e.kept) >= seenEvery || moved
	if keep {
		e.kept = now
	}
	e.mu.Unlock()
	if moved {
		s.reportShared(e.owner, []string{before, address})
	}
	if keep && e.row.hash != "" {
		s.keepSeen(ctx, e.row.id, address, now)
	}
}

func (s *Service) keepSeen(ctx context.Context, sessionID, address string, now time.Time) {
	err := s.DB.Keep(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		_, err := tx.Exec("UPDATE access_session SET seen = ?, address = ? WHERE id = ? AND seen < ?", store.Time(now), address, sessionID, store.Time(now))
		return err
	})
	if err != nil {
		s.Log.Warn("last use of a session not kept", "session", sessionID, "error", err)
	}
}
