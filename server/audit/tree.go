package audit

import (
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/thingward/thingward/kit/provable"
	"github.com/thingward/thingward/server/store"
)

// current is the tree as this transaction finds it, to be extended. What this process built itself it trusts; what
// another wrote, or was left by an earlier run, must agree with the last signed checkpoint. A log that does not is not
// extended: its new entries wait, safe, in audit_pending until it is restored.
func (l *Log) current(tx *store.Tx) (*provable.Tree, error) {
	size, err := sizeOf(tx)
	if err != nil {
		return nil, err
	}
	if l.tree != nil {
		if size < l.tree.Size() {
			return nil, l.cutOff(size, l.tree.Size(), false)
		}
		if size == l.tree.Size() {
			return l.tree.Clone(), nil
		}
		if tx.Dialect() == store.SQLite {
			return nil, &provable.Broken{Index: l.tree.Size(), Reason: "the entry was inserted past the log"}
		}
	}
	return l.load(tx, size)
}

// load rebuilds the right edge from the last signed checkpoint and the entries after it.
func (l *Log) load(q querier, size int64) (*provable.Tree, error) {
	cp, err := l.lastCheckpoint(q)
	if err != nil {
		return nil, err
	}
	anchor, err := l.anchored()
	if err != nil {
		return nil, err
	}
	anchorOnly := anchor.Size > cp.Size
	if anchorOnly {
		cp = anchor
	}
	if size < cp.Size {
		return nil, l.cutOff(size, cp.Size, anchorOnly)
	}
	pages := newHashPages(q)
	edge, err := pages.ReadHashes(provable.Spans(0, cp.Size))
	if err != nil {
		return nil, err
	}
	tree, err := provable.NewTree(cp.Size, edge)
	if err != nil {
		return nil, err
	}
	if cp.Size > 0 && tree.Root() != cp.Root {
		return nil, &provable.Broken{Index: 0, Reason: fmt.Sprintf("the stored hashes do not give the root that was signed for %d entries", cp.Size)}
	}
	return tree, l.replay(q, pages, tree, size)
}

// cutOff says that a log that had longest entries has only size. Where only the anchor file knows, that can also be an
// older backup, and the operator is told how to say so.
func (l *Log) cutOff(size, longest int64, anchorOnly bool) *provable.Broken {
	b := &provable.Broken{Index: size, Reason: fmt.Sprintf("entries %d to %d are missing: the end of the log was cut off", size, longest-1)}
	if anchorOnly {
		b.Reason += "; if an older backup of the database was restored on purpose, remove " + l.Anchor + " and restart"
	}
	return b
}

// replay appends the entries from the tree's size to size, which no checkpoint covers yet, and compares their hashes.
func (l *Log) replay(q querier, pages *hashPages, tree *provable.Tree, size int64) error {
	for tree.Size() < size {
		rows, err := readRows(q, "WHERE idx >= ? AND idx < ? ORDER BY idx LIMIT 512", tree.Size(), size)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return &provable.Broken{Index: tree.Size(), Reason: "the entry is missing"}
		}
		for _, r := range rows {
			if r.index != tree.Size() {
				return &provable.Broken{Index: tree.Size(), Reason: "the entry is missing"}
			}
			if err := checkStored(pages, r.index, tree.Append(nil, r.leaf())); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkStored compares the hashes that entry index completes with those in the database.
func checkStored(pages *hashPages, index int64, want []tlog.Hash) error {
	base := tlog.StoredHashIndex(0, index)
	at := make([]int64, len(want))
	for i := range want {
		at[i] = base + int64(i)
	}
	got, err := pages.ReadHashes(at)
	if err != nil {
		return err
	}
	if got[0] != want[0] {
		return &provable.Broken{Index: index, Reason: "the entry's body does not have its stored leaf hash: one of them was altered"}
	}
	for i := range want {
		if got[i] != want[i] {
			return hashBroken(at[i], "was altered")
		}
	}
	return nil
}

// lastCheckpoint is the newest signed checkpoint, checked; the zero value where there is none.
func (l *Log) lastCheckpoint(q querier) (provable.Checkpoint, error) {
	var size int64
	var text string
	err := q.QueryRow("SELECT size, note FROM audit_checkpoint ORDER BY size DESC LIMIT 1").Scan(&size, &text)
	if store.IsNoRows(err) {
		return provable.Checkpoint{}, nil
	}
	if err != nil {
		return provable.Checkpoint{}, err
	}
	return l.openCheckpoint(size, text)
}

func (l *Log) openCheckpoint(size int64, text string) (provable.Checkpoint, error) {
	cp, err := provable.OpenCheckpoint(text, l.Key)
	if err == nil && cp.Size != size {
		err = errors.New("it is of another size")
	}
	if err != nil {
		return cp, &provable.Broken{Index: max(size-1, 0), Reason: fmt.Sprintf("the checkpoint of %d entries was altered: %v", size, err)}
	}
	return cp, nil
}
