// Package export writes packs for auditors: the posture, its findings, exceptions, records and risks as OSCAL, OCSF, XLSX,
// CSV and PDF. Everything in one pack is read once and kept in a spool, so that all files show the same figures, and every
// control carries the audit entry of its last change with the proof that it is in the log.
package export

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/audit"
	"github.com/thingward/thingward/server/store"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// Posture shows where controls stood at a time; a zero time is now.
type Posture interface {
	// Snapshot reads controls, frameworks and trend at one moment. Its At is that moment.
	Snapshot(ctx context.Context, at time.Time) (Snapshot, error)
	// Findings hands over the findings that were open at that moment, whether excepted or not.
	Findings(ctx context.Context, at time.Time, fn func(Finding) error) error
	// Exceptions hands over the exceptions that were approved or asked for by then.
	Exceptions(ctx context.Context, at time.Time, fn func(Exception) error) error
}

// Records shows what objects owe and have.
type Records interface {
	Records(ctx context.Context, at time.Time, fn func(Record) error) error
}

// Risks shows the risk register.
type Risks interface {
	Risks(ctx context.Context, at time.Time, fn func(Risk) error) error
}

// Devices shows the devices of one system, or all of them where system is empty, that were registered by then.
type Devices interface {
	Devices(ctx context.Context, at time.Time, system string, fn func(Device) error) error
}

// Proofs proves where controls stand from the audit log.
type Proofs interface {
	// Checkpoint is the log's last signed checkpoint.
	Checkpoint(ctx context.Context) (Checkpoint, error)
	// LastChange proves the last change of a control's status up to a time, in the tree of size entries; nil when there is
	// none, or none that the checkpoint covers yet.
	LastChange(ctx context.Context, control string, at time.Time, size int64) (*Proof, error)
}

// Engagements tells whether there is an engagement that a pack can be for.
type Engagements interface {
	Has(ctx context.Context, id string) (bool, error)
	// Content is the engagement whole, as it is shown.
	Content(ctx context.Context, id string) (any, error)
}

// Readers are the other domains that a pack is read from. Records, Risks, Devices and Engagements may be nil: the pack then
// says that they are not there.
type Readers struct {
	Posture     Posture
	Records     Records
	Risks       Risks
	Devices     Devices
	Proofs      Proofs
	Engagements Engagements
}

// Config is what a Service needs.
type Config struct {
	DB      *store.DB
	Audit   *audit.Log
	Clock   clock.Clock
	Log     *slog.Logger
	Dir     string // folder of the packs, made if it is not there
	Version string // of the product
	Readers Readers
	// Kept is how long a pack can be fetched; a week unless set.
	Kept time.Duration
	// Shared says that several nodes use the database: packs are put into it. It is so on PostgreSQL.
	Shared bool
}

// Service makes packs, one at a time.
type Service struct {
	Config
	node string // this process
	wake chan struct{}

	mu      sync.Mutex
	running string   // id of the pack in work
	at      Progress // of it
}

const week = 7 * 24 * time.Hour

// New brings the tables up to date. What an earlier run of the server left unfinished waits again, to be read at the same moment;
// after three attempts it is failed, with that reason.
func New(ctx context.Context, c Config) (*Service, error) {
	migrations, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return nil, err
	}
	if err := c.DB.Migrate(ctx, "export", migrations); err != nil {
		return nil, err
	}
	if c.Kept == 0 {
		c.Kept = week
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, err
	}
	c.Shared = c.Shared || c.DB.Dialect() == store.Postgres
	s := &Service{Config: c, node: id.New(), wake: make(chan struct{}, 1)}
	return s, s.interrupted(ctx, true)
}

// Run makes the packs that are asked for and removes old ones, until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	for {
		lost := s.interrupted(ctx, false)
		worked, err := s.next(ctx)
		err = errors.Join(lost, err)
		if err != nil && ctx.Err() == nil {
			s.Log.Error("export not made", "error", err)
		}
		if worked {
			continue
		}
		if err := s.sweep(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("old exports not removed", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.wake:
		case <-s.Clock.After(time.Minute):
		}
	}
}
