// Package identity is the certificate authority of a fleet: it enrols devices and service accounts over EST (RFC 7030) by
// one-time claim, by manufacturer certificate (IEEE 802.1AR) or by the certificate they have, renews and revokes, answers
// over OCSP (RFC 6960) and CRL (RFC 5280), makes the server's own certificates, and holds the cryptographic policy that
// drives all of it and every TLS listener.
//
// A certificate leaves the process only after its row and its audit entry are committed, so none is ever lost.
package identity

import (
	"context"
	"crypto/x509"
	"embed"
	"errors"
	"io/fs"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/kit/sealed"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/audit"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/store"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// Subject is who a certificate is for, as the domain that owns it sees it now.
type Subject struct {
	Kind     protocol.SubjectKind
	ID       string
	Name     string
	MayEnrol error             // nil, or why it may not (retired, disabled), as a fleet.Error
	Type     *fleet.DeviceType // of devices: its baseline narrows key and lifetime
}

// Admission asks for a device on the strength of a manufacturer certificate. Known says that the serial number stands in
// the uploaded manifest; an unknown one must land in quarantine (CRD-04).
type Admission struct {
	Manufacturer, Serial, Type, Site, Name string
	Known                                  bool
}

// Directory knows the subjects: devices (registry) and service accounts (people).
type Directory interface {
	// Lookup finds a subject by id or name.
	Lookup(ctx context.Context, kind protocol.SubjectKind, ref string) (Subject, error)
	// Enrolled is told inside the transaction that s has its certificate: a registered device becomes active.
	Enrolled(tx *store.Tx, s Subject, by fleet.Party) error
	// Admit makes the device for a manufacturer certificate inside the transaction.
	Admit(ctx context.Context, tx *store.Tx, a Admission) (Subject, error)
}

// Config is what a Service needs.
type Config struct {
	Dir       string     // the data directory: Setup made Dir/ca
	Key       sealed.Key // unseals the authority's keys
	Keys      Keys       // sealed files under Dir/ca unless set
	Hosts     []string   // names and addresses in the server certificate, beside localhost; those of Setup when empty
	OCSPURL   string     // base URL of the plain listener, as it stands in certificates; without it they name none
	Policy    Policy     // DefaultPolicy when zero
	DB        *store.DB
	Bus       *bus.Bus
	Audit     *audit.Log
	Clock     clock.Clock
	Log       *slog.Logger
	Directory Directory
	Metrics   prometheus.Registerer // optional
}

// Service is the certificate authority at work. It is safe for use by many goroutines.
type Service struct {
	Config
	ca        *authority
	anchors   *x509.CertPool // root and issuing authority: what verifies our own certificates
	makers    atomic.Pointer[makers]
	standing  *standing
	answers   *answers
	lists     *lists
	server    serverCertificate
	listeners listeners
	gate      *gate
	metrics   *metrics
	reconcile reconciled
}

// New opens the certificate authority that Setup made: tables, keys, policy, server certificate and revocation lists. What
// is new (an authority, a policy) is recorded. Call Run for what goes on by itself.
func New(ctx context.Context, c Config) (*Service, error) {
	if c.Keys == nil {
		c.Keys = SealedKeys{filepath.Join(c.Dir, "ca"), c.Key.Derive("ca")}
	}
	if c.Policy.MinTLS == "" {
		c.Policy = DefaultPolicy()
	}
	if err := c.Policy.Check(); err != nil {
		return nil, err
	}
	c.OCSPURL = strings.TrimRight(c.OCSPURL, "/")
	ca, err := loadAuthority(filepath.Join(c.Dir, "ca"), c.Keys)
	if err != nil {
		return nil, err
	}
	migrations, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return nil, err
	}
	if err := c.DB.Migrate(ctx, "identity", migrations); err != nil {
		return nil, err
	}
	s := &Service{Config: c, ca: ca, anchors: x509.NewCertPool(), standing: newStanding(), answers: newAnswers(c.Clock), lists: &lists{}, gate: newGate(c.Clock), metrics: newMetrics(c.Metrics)}
	s.anchors.AddCert(ca.root)
	s.anchors.AddCert(ca.issuing)
	return s, s.open(ctx)
}

// open brings the database and the memory of a new Service up to the present.
func (s *Service) open(ctx context.Context) error {
	steps := []func(context.Context) error{s.recordAuthorities, s.recordPolicy, s.loadMakers, s.loadServerCertificate, s.loadLists}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	s.listeners.rebuild(s)
	s.reconcile.until = store.Time(s.Clock.Now().Add(-time.Minute))
	_, err1 := bus.Listen(s.Bus, bus.TopicChanged, s.changed)
	_, err2 := bus.Listen(s.Bus, bus.TopicCut, s.cut)
	return errors.Join(err1, err2)
}

// Root is the trust anchor that everyone who talks to this server is given.
func (s *Service) Root() *x509.Certificate { return s.ca.root }

// reconciled is how far this node has read revocations that others made.
type reconciled struct {
	mu    sync.Mutex
	until int64
}
