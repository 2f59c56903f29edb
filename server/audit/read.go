package audit

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/provable"
	"github.com/thingward/thingward/server/store"
)

// Entry is an entry as it is shown: checked before anybody sees it (IMT-01). Where the check failed, Broken says why and
// Event and Body are empty.
type Entry struct {
	Index  int64
	Event  fleet.Event
	Body   []byte
	Leaf   tlog.Hash
	Sealed bool // its place is proved up to the last signed checkpoint
	Broken string
}

// Filter says which entries to list; empty fields do not narrow.
type Filter struct {
	Type   string // a type ("device.retired") or the beginning of several ("device.")
	Actor  string // id or name of the initiator
	Object string // id or name of the receiver
	From   time.Time
	To     time.Time // exclusive
	Before int64     // only entries below this index; 0 for no bound
	Since  int64     // only entries at or above this index
	Types  []string  // only these types, by their whole names
	Limit  int
}

// List returns up to f.Limit entries, newest first, and whether there are more.
func (l *Log) List(ctx context.Context, f Filter) (entries []Entry, more bool, err error) {
	where, args := f.where()
	rows, more, err := readSome(l.reader(ctx), where+" ORDER BY idx DESC LIMIT ?", append(args, f.Limit+1)...)
	if err != nil {
		return nil, false, err
	}
	if len(rows) > f.Limit {
		rows, more = rows[:f.Limit], true
	}
	entries, err = l.checked(ctx, rows)
	return entries, more, err
}

func (f Filter) where() (string, []any) {
	terms, args := []string{"idx >= 0"}, []any{}
	and := func(term string, values ...any) {
		terms, args = append(terms, term), append(args, values...)
	}
	if f.Type != "" {
		types := typesLike(f.Type)
		and("type IN "+tuples(1, len(types)), anys(types)...)
	}
	if f.Actor != "" {
		and("(initiator_id = ? OR initiator_name = ?)", column(f.Actor), column(f.Actor))
	}
	if f.Object != "" {
		and("(receiver_id = ? OR receiver_name = ?)", column(f.Object), column(f.Object))
	}
	if !f.From.IsZero() {
		and("time >= ?", store.Time(f.From))
	}
	if !f.To.IsZero() {
		and("time < ?", store.Time(f.To))
	}
	if f.Before > 0 {
		and("idx < ?", f.Before)
	}
	if f.Since > 0 {
		and("idx >= ?", f.Since)
	}
	if len(f.Types) > 0 {
		and("type IN "+tuples(1, len(f.Types)), anys(f.Types)...)
	}
	return "WHERE " + strings.Join(terms, " AND "), args
}

// typesLike lists the catalogue's types that begin with prefix, so that the index on type serves; and prefix itself,
// which may be a type of an earlier catalogue.
func typesLike(prefix string) []string {
	types := []string{prefix}
	for _, name := range fleet.EventTypeNames() {
		if strings.HasPrefix(name, prefix) && name != prefix {
			types = append(types, name)
		}
	}
	return types
}

// Entry returns one entry.
func (l *Log) Entry(ctx context.Context, index int64) (Entry, error) {
	rows, err := readRows(l.reader(ctx), "WHERE idx = ?", index)
	if err != nil {
		return Entry{}, err
	}
	if len(rows) == 0 {
		return Entry{}, l.absent(ctx, index)
	}
	entries, err := l.checked(ctx, rows)
	if err != nil {
		return Entry{}, err
	}
	return entries[0], nil
}

// absent says why there is no such entry: it was never logged, or it is gone.
func (l *Log) absent(ctx context.Context, index int64) error {
	size, err := l.Size(ctx)
	if err != nil {
		return err
	}
	cp, err := l.Checkpoint(ctx)
	if err == nil && index >= 0 && index < max(size, cp.Size) {
		l.suspect(&provable.Broken{Index: index, Reason: "the entry is missing"})
		return fleet.Errorf(fleet.CodeUnavailable, "entry %d was logged and is gone: the audit log was altered; run thingward audit verify", index)
	}
	return fleet.Errorf(fleet.CodeNotFound, "the audit log has no entry %d: it has %d entries, counted from 0", index, size)
}

// Indexes finds the places of events by their ids; those not placed yet are left out.
func (l *Log) Indexes(ctx context.Context, ids []string) (map[string]int64, error) {
	found := map[string]int64{}
	for chunk := range slices.Chunk(ids, 256) {
		if err := l.findIndexes(ctx, chunk, found); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func (l *Log) findIndexes(ctx context.Context, ids []string, found map[string]int64) error {
	rows, err := l.DB.Query(ctx, "SELECT id, idx FROM audit_entry WHERE id IN "+tuples(1, len(ids)), anys(ids)...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id string
		var index int64
		if err := rows.Scan(&id, &index); err != nil {
			return err
		}
		found[id] = index
	}
	return rows.Err()
}

// Size is how many entries have their place in the tree.
func (l *Log) Size(ctx context.Context) (int64, error) { return sizeOf(l.reader(ctx)) }

// Pending is how many recorded entries no signed checkpoint covers yet.
func (l *Log) Pending(ctx context.Context) (int64, error) {
	var waiting int64
	if err := l.DB.QueryRow(ctx, "SELECT count(*) FROM audit_pending").Scan(&waiting); err != nil {
		return 0, err
	}
	size, err := l.Size(ctx)
	if err != nil {
		return 0, err
	}
	var signed int64
	err = l.DB.QueryRow(ctx, "SELECT coalesce(max(size), 0) FROM audit_checkpoint").Scan(&signed)
	return waiting + max(size-signed, 0), err
}

// Checkpoint is the last signed checkpoint; its Size is 0 and Note empty where nothing is signed yet.
func (l *Log) Checkpoint(ctx context.Context) (provable.Checkpoint, error) {
	return l.lastCheckpoint(l.reader(ctx))
}

// checked turns rows into what may be shown.
func (l *Log) checked(ctx context.Context, rows []row) ([]Entry, error) {
	cp, err := l.Checkpoint(ctx)
	var broken *provable.Broken
	if err != nil && !errors.As(err, &broken) {
		return nil, err
	}
	if broken != nil { // nothing can be shown as sealed by what is not signed
		l.suspect(err)
		cp = provable.Checkpoint{}
	}
	pages := newHashPages(l.reader(ctx))
	entries := make([]Entry, len(rows))
	for i, r := range rows {
		e := Entry{Index: r.index, Leaf: r.leaf(), Sealed: r.index < cp.Size}
		err := e.check(r, cp, pages)
		if err != nil && !errors.As(err, &broken) {
			return nil, err
		}
		if err != nil {
			l.suspect(err)
			e = Entry{Index: r.index, Leaf: e.Leaf, Broken: broken.Reason}
		}
		entries[i] = e
	}
	return entries, nil
}

// check fills in the entry and proves it: by inclusion in the signed tree, or where it is not sealed yet by its stored
// leaf hash.
func (e *Entry) check(r row, cp provable.Checkpoint, pages *hashPages) error {
	if err := checkStored(pages, r.index, []tlog.Hash{e.Leaf}); err != nil {
		return err
	}
	if e.Sealed {
		proof, err := tlog.ProveRecord(cp.Size, r.index, pages)
		if err != nil {
			return err
		}
		if tlog.CheckRecord(proof, cp.Size, cp.Root, r.index, e.Leaf) != nil {
			return &provable.Broken{Index: r.index, Reason: "the entry is not in the tree that was signed: it or a stored hash above it was altered"}
		}
	}
	ev, fault := r.event()
	if fault != "" {
		return &provable.Broken{Index: r.index, Reason: fault}
	}
	e.Event, e.Body = ev, r.body
	return nil
}
