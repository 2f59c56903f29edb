package audit

import (
	"context"
	"errors"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/provable"
	"github.com/thingward/thingward/server/store"
)

// Proof shows that an entry is in the tree of Size entries (RFC 6962 §2.1.1, tlog.RecordProof).
type Proof struct {
	Entry      Entry
	Size       int64
	Hashes     []tlog.Hash
	Checkpoint provable.Checkpoint // of Size entries where one is kept, or else the last one, to which Consistency leads
}

// Inclusion proves entry index in the tree of size entries, or of the last checkpoint where size is 0. The proof is
// checked before it is given.
func (l *Log) Inclusion(ctx context.Context, index, size int64) (Proof, error) {
	last, err := l.signed(ctx, index, &size)
	if err != nil {
		return Proof{}, err
	}
	e, err := l.Entry(ctx, index)
	if err != nil {
		return Proof{}, err
	}
	if e.Broken != "" {
		return Proof{}, altered(index, e.Broken)
	}
	pages := newHashPages(l.reader(ctx))
	root, err := l.rootAt(pages, size, last)
	if err != nil {
		return Proof{}, l.refuse(err)
	}
	hashes, err := tlog.ProveRecord(size, index, pages)
	if err == nil && tlog.CheckRecord(hashes, size, root, index, e.Leaf) != nil {
		err = &provable.Broken{Index: index, Reason: "a stored hash above the entry was altered"}
	}
	if err != nil {
		return Proof{}, l.refuse(err)
	}
	p := Proof{Entry: e, Size: size, Hashes: hashes, Checkpoint: last}
	var text string
	if err := l.DB.QueryRow(ctx, "SELECT note FROM audit_checkpoint WHERE size = ?", size).Scan(&text); err == nil {
		p.Checkpoint, err = l.openCheckpoint(size, text)
		return p, l.refuse(err)
	} else if !store.IsNoRows(err) {
		return Proof{}, err
	}
	return p, nil
}

// signed gives the last checkpoint and checks that index and size lie within it; a size of 0 becomes its size.
func (l *Log) signed(ctx context.Context, index int64, size *int64) (provable.Checkpoint, error) {
	last, err := l.Checkpoint(ctx)
	if err != nil {
		return last, l.refuse(err)
	}
	if *size == 0 {
		*size = last.Size
	}
	all, err := l.Size(ctx)
	switch {
	case err != nil:
		return last, err
	case index < 0 || index >= max(all, last.Size):
		return last, fleet.Errorf(fleet.CodeNotFound, "the audit log has no entry %d: it has %d entries, counted from 0", index, all)
	case index >= last.Size:
		return last, fleet.Errorf(fleet.CodeConflict, "entry %d is not sealed by a signed checkpoint yet: ask again in a second", index)
	case *size < 0 || *size > last.Size:
		return last, fleet.Invalid("size", "no tree of that size is signed yet: leave it out for the last checkpoint's")
	case index >= *size:
		return last, fleet.Invalid("size", "the entry is not in a tree of that size: give one above its index")
	}
	return last, nil
}

// rootAt is the root of the tree at size, proved to lead to the last checkpoint.
func (l *Log) rootAt(pages *hashPages, size int64, last provable.Checkpoint) (tlog.Hash, error) {
	root, err := tlog.TreeHash(size, pages)
	if err != nil || size == 0 {
		return root, err
	}
	proof, err := tlog.ProveTree(last.Size, size, pages)
	if err != nil {
		return root, err
	}
	if tlog.CheckTree(proof, last.Size, last.Root, size, root) != nil {
		return root, &provable.Broken{Reason: "the stored hashes do not give the root that was signed"}
	}
	return root, nil
}

// Consistency proves that the tree of from entries is the beginning of the tree of to entries (RFC 6962 §2.1.2,
// tlog.TreeProof); to 0 is the last checkpoint's size.
func (l *Log) Consistency(ctx context.Context, from, to int64) (hashes []tlog.Hash, size int64, err error) {
	last, err := l.Checkpoint(ctx)
	if err != nil {
		return nil, 0, l.refuse(err)
	}
	if to == 0 {
		to = last.Size
	}
	switch {
	case to < 1 || to > last.Size:
		return nil, 0, fleet.Invalid("to", "no tree of that size is signed yet: leave it out for the last checkpoint's")
	case from < 1 || from > to:
		return nil, 0, fleet.Invalid("from", "want a size from 1 to that of the later tree")
	}
	pages := newHashPages(l.reader(ctx))
	if _, err := l.rootAt(pages, to, last); err != nil {
		return nil, 0, l.refuse(err)
	}
	root, err := l.rootAt(pages, from, last)
	if err != nil {
		return nil, 0, l.refuse(err)
	}
	proof, err := tlog.ProveTree(to, from, pages)
	if err != nil {
		return nil, 0, l.refuse(err)
	}
	later, err := tlog.TreeHash(to, pages)
	if err == nil && tlog.CheckTree(proof, to, later, from, root) != nil {
		err = &provable.Broken{Reason: "the stored hashes do not prove that the log only grew"}
	}
	return proof, to, l.refuse(err)
}

// refuse turns a fault of the log into an error that says what to do, and reports it.
func (l *Log) refuse(err error) error {
	var broken *provable.Broken
	if !errors.As(err, &broken) {
		return err
	}
	l.suspect(err)
	return altered(broken.Index, broken.Reason)
}

func altered(index int64, reason string) error {
	return fleet.Errorf(fleet.CodeUnavailable, "the audit log was altered at entry %d: %s; run thingward audit verify, keep the database as it is for inquiry, and restore it from a backup", index, reason)
}
