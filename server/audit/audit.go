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
	"sync"

	"golang.org/x/mod/sumdb/note"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/kit/provable"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/store"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// maxBody bounds an entry, so that proofs, exports and the event stream never meet one that they cannot carry.
const maxBody = 1 << 20

// Config is what a Log needs.
type Config struct {
	DB     *store.DB
	Bus    *bus.Bus    // nil in tests that publish nothing
	Signer note.Signer // signs checkpoints; its name is the log's origin
	Key    string      // the Signer's verifier key (see LoadOrCreateSigner)
	// Anchor is a file outside of the database that keeps a recent checkpoint, so that whoever rules the database cannot cut
	// off or rewrite the log while the server is down. Empty for none; use it where the database is another machine's.
	Anchor string
	Clock  clock.Clock
	Log    *slog.Logger
}

// Log is the audit log.
type Log struct {
	Config
	node     string
	wake     chan struct{} // entries were recorded
	placed   chan struct{} // the tree grew
	outbox   chan struct{} // entries wait to be published
	watchers []func(provable.Checkpoint)

	mu       sync.Mutex // one batch at a time in this process
	tree     *provable.Tree
	anchorAt provable.Checkpoint // last written to Anchor

	verifying verifying
	reported  reported
}

// Open brings the log's tables up to date and refuses a signing key that is not the one the log was begun with.
func Open(ctx context.Context, c Config) (*Log, error) {
	migrations, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return nil, err
	}
	if err := c.DB.Migrate(ctx, "audit", migrations); err != nil {
		return nil, err
	}
	l := &Log{Config: c, node: id.New(), wake: make(chan struct{}, 1), placed: make(chan struct{}, 1), outbox: make(chan struct{}, 1)}
	if err := l.checkKey(ctx); err != nil {
		return nil, err
	}
	return l, nil
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
	if len(body) > maxBody {
		return fleet.Errorf(fleet.CodeInvalid, "the audit entry for %s would have %d bytes, more than the %d allowed: send less at once", ev.Type, len(body), maxBody)
	}
	if _, err := tx.Exec("INSERT INTO audit_pending (id, body) VALUES (?, ?)", ev.ID, body); err != nil {
		return fmt.Errorf("audit entry not written: %w", err)
	}
	tx.Audited()
	tx.OnCommit(func() { notify(l.wake) })
	return nil
}

// notify wakes whoever waits on ch, now or when it next waits.
func notify(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}
