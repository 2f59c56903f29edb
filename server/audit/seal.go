package audit

import (
	"context"
	"fmt"
	"time"

	"github.com/thingward/thingward/kit/provable"
	"github.com/thingward/thingward/server/store"
)

// Of the checkpoints that are signed many times a second under load, these are kept for good: one a minute and one for
// every thousand entries. Any entry's proof can be made for any of them.
const (
	keepEvery   = time.Minute
	keepEntries = 1000
)

// Seal places every recorded entry and signs a checkpoint over the whole log, if it grew since the last one. Run does so
// by itself several times a second.
func (l *Log) Seal(ctx context.Context) (provable.Checkpoint, error) {
	for {
		n, err := l.sequence(ctx)
		if err != nil {
			return provable.Checkpoint{}, err
		}
		if n < batchMost {
			break
		}
	}
	return l.sign(ctx)
}

// sign stores a signed checkpoint of the present tree, or returns the last one where that covers it.
func (l *Log) sign(ctx context.Context) (provable.Checkpoint, error) {
	cp, fresh, err := l.signLocked(ctx)
	if err != nil {
		l.suspect(err)
		return provable.Checkpoint{}, err
	}
	if fresh {
		for _, fn := range l.watchers {
			fn(cp)
		}
	}
	return cp, nil
}

func (l *Log) signLocked(ctx context.Context) (cp provable.Checkpoint, fresh bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var tree *provable.Tree
	err = l.DB.Keep(ctx, func(tx *store.Tx) (err error) {
		if err = takeTurn(tx); err != nil {
			return err
		}
		if tree, err = l.current(tx); err != nil {
			return err
		}
		if cp, err = l.lastCheckpoint(tx); err != nil {
			return err
		}
		if fresh = cp.Size < tree.Size(); !fresh {
			return nil
		}
		if cp, err = provable.Sign(l.Signer, tree, l.Clock.Now()); err != nil {
			return err
		}
		return keepCheckpoint(tx, l, cp)
	})
	if err != nil {
		return cp, false, err
	}
	l.tree = tree
	if fresh {
		l.anchor(cp)
	}
	return cp, fresh, nil
}

// keepCheckpoint stores cp and lets the one before it go when it and the one before that are close together.
func keepCheckpoint(tx *store.Tx, l *Log, cp provable.Checkpoint) error {
	last, err := l.lastTwo(tx)
	if err != nil {
		return err
	}
	if len(last) == 2 && last[0].Size-last[1].Size < keepEntries && last[0].Time.Sub(last[1].Time) < keepEvery {
		if _, err := tx.Exec("DELETE FROM audit_checkpoint WHERE size = ?", last[0].Size); err != nil {
			return err
		}
	}
	if _, err := tx.Exec("INSERT INTO audit_checkpoint (size, note) VALUES (?, ?)", cp.Size, cp.Note); err != nil {
		return fmt.Errorf("checkpoint not stored: %w", err)
	}
	return nil
}

// lastTwo are the two checkpoints signed last, the newest first.
func (l *Log) lastTwo(tx *store.Tx) (last []provable.Checkpoint, err error) {
	rows, err := tx.Query("SELECT size, note FROM audit_checkpoint ORDER BY size DESC LIMIT 2")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var size int64
		var text string
		if err := rows.Scan(&size, &text); err != nil {
			return nil, err
		}
		old, err := l.openCheckpoint(size, text)
		if err != nil {
			return nil, err
		}
		last = append(last, old)
	}
	return last, rows.Err()
}

// Watch hands every checkpoint that this node signs to fn. Call it before Run.
func (l *Log) Watch(fn func(provable.Checkpoint)) { l.watchers = append(l.watchers, fn) }
