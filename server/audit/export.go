package audit

import (
	"context"
	"fmt"
	"io"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/provable"
	"github.com/thingward/thingward/server/store"
)

// Export is an export that is ready to be written.
type Export struct {
	l      *Log
	cp     provable.Checkpoint
	header provable.Header
}

// Export prepares an export of entries from to to-1 (to 0: up to the last signed checkpoint) and records, as
// audit.exported by whoever asked, that it was taken.
func (l *Log) Export(ctx context.Context, by fleet.Party, from, to int64) (*Export, error) {
	cp, err := l.Checkpoint(ctx)
	if err != nil {
		return nil, l.refuse(err)
	}
	if to == 0 {
		to = cp.Size
	}
	switch {
	case cp.Size == 0:
		return nil, fleet.Errorf(fleet.CodeConflict, "nothing is sealed by a signed checkpoint yet: ask again in a second")
	case to < 0 || to > cp.Size:
		return nil, fleet.Invalid("to", "the log is not sealed that far: leave it out for all that is sealed")
	case from < 0 || from > to:
		return nil, fleet.Invalid("from", "want an index from 0 to that of the end")
	}
	x := &Export{l: l, cp: cp, header: provable.Header{Origin: cp.Origin, Key: l.Key, Checkpoint: cp.Note, From: from, To: to}}
	pages := newHashPages(l.reader(ctx))
	if x.header.Left, err = pages.ReadHashes(provable.Spans(0, from)); err != nil {
		return nil, l.refuse(err)
	}
	if x.header.Right, err = pages.ReadHashes(provable.Spans(to, cp.Size)); err != nil {
		return nil, l.refuse(err)
	}
	return x, l.DB.Change(ctx, func(tx *store.Tx) error {
		return l.Record(tx, fleet.NewEvent("audit.exported", l.Clock.Now(), by, fleet.Server("audit"), map[string]any{"from": from, "to": to}))
	})
}

// Name is what a file of this export is called.
func (x *Export) Name() string {
	return fmt.Sprintf("audit-%d-%d.ndjson", x.header.From, x.header.To)
}

// Write streams the export in constant memory and checks it on the way: what does not give the signed root ends in a
// *provable.Broken error, and what was written by then does not verify.
func (x *Export) Write(ctx context.Context, w io.Writer) error {
	tree, err := provable.NewTree(x.header.From, x.header.Left)
	if err != nil {
		return err
	}
	out, err := provable.NewWriter(w, x.header)
	if err != nil {
		return err
	}
	q := x.l.reader(ctx)
	signed := points{l: x.l, q: q, from: x.header.From, to: x.header.To}
	for tree.Size() < x.header.To {
		rows, err := readRows(q, "WHERE idx >= ? AND idx < ? ORDER BY idx LIMIT 256", tree.Size(), x.header.To)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return x.broken(tree.Size(), "the entry is missing")
		}
		for _, r := range rows {
			if err := x.entry(out, tree, r, &signed); err != nil {
				return err
			}
		}
	}
	if err := tree.AppendSpans(x.cp.Size, x.header.Right); err != nil {
		return err
	}
	if tree.Root() != x.cp.Root {
		return x.broken(x.header.From, "the entries are not those that were signed")
	}
	return nil
}

// entry writes one entry and the checkpoint that was signed after it, if one was.
func (x *Export) entry(out *provable.Writer, tree *provable.Tree, r row, signed *points) error {
	if r.index != tree.Size() {
		return x.broken(tree.Size(), "the entry is missing")
	}
	if err := out.Entry(r.index, r.body); err != nil {
		return err
	}
	tree.Append(nil, r.leaf())
	cp, ok, err := signed.at(tree.Size())
	switch {
	case err != nil || !ok:
		return err
	case cp.Root != tree.Root():
		return x.broken(r.index, "the entries up to here are not those that were signed")
	}
	return out.Checkpoint(cp.Note)
}

func (x *Export) broken(index int64, reason string) error {
	err := &provable.Broken{Index: index, Reason: reason}
	x.l.suspect(err)
	return err
}
