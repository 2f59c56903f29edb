// Package audit is the log that nobody can quietly change: a Merkle tree (RFC 6962 hashing, C2SP tlog checkpoints) whose
// entries are the fleet's events. A state change is recorded in the transaction that makes it; the sequencer gives it its
// place in the tree within a second. Refusals and observations come from the event stream in batches.
package audit

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"

	"golang.org/x/mod/sumdb/note"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/store"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// Config is what a Log needs.
type Config struct {
	DB     *store.DB
	Bus    *bus.Bus
	Signer note.Signer // signs checkpoints; its name is the log's origin
	Clock  clock.Clock
	Log    *slog.Logger
}

// Log is the audit log.
type Log struct {
	Config
	wake chan struct{}
}

// Open brings the log's tables up to date.
func Open(ctx context.Context, c Config) (*Log, error) {
	migrations, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return nil, err
	}
	if err := c.DB.Migrate(ctx, "audit", migrations); err != nil {
		return nil, err
	}
	return &Log{Config: c, wake: make(chan struct{}, 1)}, nil
}

// Record writes ev, which describes the change that tx makes, so that change and entry are committed together or not at
// all. It must be called in every store.DB.Change. An event that the catalogue refuses fails the transaction.
func (l *Log) Record(tx *store.Tx, ev fleet.Event) error {
	if err := ev.Check(); err != nil {
		return fmt.Errorf("audit entry refused: %w", err)
	}
	body, err := json.Marshal(ev)
	if err != nil {
		return fmt.Errorf("audit entry refused: %w", err)
	}
	if _, err := tx.Exec("INSERT INTO audit_pending (id, body) VALUES (?, ?)", ev.ID, body); err != nil {
		return fmt.Errorf("audit entry not written: %w", err)
	}
	tx.Audited()
	tx.OnCommit(l.wakeSequencer)
	return nil
}

func (l *Log) wakeSequencer() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}
