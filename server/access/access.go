// Package access knows who may do what: people and service accounts, their credentials and sessions, and the Cedar
// policies that decide. It serves no HTTP; package people does.
package access

import (
	"context"
	"crypto/x509"
	"embed"
	"errors"
	"io/fs"
	"log/slog"
	"sync/atomic"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/kit/sealed"
	"github.com/thingward/thingward/server/audit"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/store"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// Certificates says whether a certificate is one of ours and in force: issued by this installation, not expired, not
// revoked, not superseded for too long. Its error is a fleet.Error that says what is wrong.
type Certificates interface {
	Usable(ctx context.Context, cert *x509.Certificate) error
}

// Revoker ends the certificates of a subject in the transaction that takes its rights away.
type Revoker interface {
	RevokeSubject(tx *store.Tx, kind, id, reason string, by fleet.Party) error
}

// Config is what a Service needs.
type Config struct {
	DB    *store.DB
	Bus   *bus.Bus
	Audit *audit.Log
	Clock clock.Clock
	Log   *slog.Logger
	// Key seals the secrets of second factors; other keys are derived from it.
	Key sealed.Key
	// Rules are the rules for passwords, lock-out and sessions; zero fields take their default.
	Rules Rules
}

// Service keeps accounts, credentials and sessions, and decides.
type Service struct {
	Config
	policies  *policies
	hashing   *hashing
	sessions  *cache
	attempts  *turns
	addresses *addresses
	trust     atomic.Pointer[trust]
	wake      chan struct{} // an account got an end
	stop      []func()
}

// trust is what package identity offers.
type trust struct {
	certificates Certificates
	revoker      Revoker
}

// New brings the tables up to date, reads and validates the policies, and listens for accounts and sessions that end on
// other nodes.
func New(ctx context.Context, c Config) (*Service, error) {
	migrations, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return nil, err
	}
	if err := c.DB.Migrate(ctx, "access", migrations); err != nil {
		return nil, err
	}
	c.Rules = c.Rules.withDefaults()
	s := &Service{Config: c, sessions: newCache(), attempts: newTurns(), addresses: newAddresses(), wake: make(chan struct{}, 1)}
	if s.policies, err = loadPolicies(); err != nil {
		return nil, err
	}
	if s.hashing, err = newHashing(c.Rules); err != nil {
		return nil, err
	}
	return s, s.listen()
}

// Trust connects the certificates of service accounts: c decides whether one may sign in, r revokes them when an account
// is disabled. Until it is called, no certificate signs in and no account can be disabled.
func (s *Service) Trust(c Certificates, r Revoker) { s.trust.Store(&trust{c, r}) }

// Close stops listening.
func (s *Service) Close() {
	for _, stop := range s.stop {
		stop()
	}
}

func (s *Service) listen() error {
	if s.Bus == nil {
		return nil
	}
	cut, err1 := bus.Listen(s.Bus, bus.TopicCut, func(c bus.Cut) {
		if c.SubjectKind == "account" {
			s.sessions.dropAccount(c.SubjectID)
		}
	})
	changed, err2 := bus.Listen(s.Bus, bus.TopicChanged, func(c bus.Changed) {
		switch c.Kind {
		case "account":
			s.sessions.dropAccount(c.ID)
		case "session":
			s.sessions.dropSession(c.ID)
		}
	})
	for _, stop := range []func(){cut, changed} {
		if stop != nil {
			s.stop = append(s.stop, stop)
		}
	}
	return errors.Join(err1, err2)
}
