package audit

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/provable"
	"github.com/thingward/thingward/server/store"
)

// batchMost is how many recorded entries get their place in one transaction.
const batchMost = 1024

// leaf is an entry on its way into the tree.
type leaf struct {
	id   string
	body []byte
	hash tlog.Hash
}

// sequence gives the oldest recorded entries, in order of their ids, their place in the tree: entries, hashes and the
// emptied audit_pending are one transaction, so that a crash leaves each entry either waiting or placed, never both or
// neither. It returns how many it took.
func (l *Log) sequence(ctx context.Context) (int, error) {
	var waiting int
	if err := l.DB.QueryRow(ctx, "SELECT count(*) FROM (SELECT 1 FROM audit_pending LIMIT 1) w").Scan(&waiting); err != nil || waiting == 0 {
		return 0, err
	}
	taken := 0
	err := l.place(ctx, func(tx *store.Tx) ([]leaf, error) {
		leaves, err := takePending(tx)
		taken = len(leaves)
		if err != nil {
			return nil, err
		}
		return unseen(tx, leaves, func(l leaf, hash tlog.Hash) bool { return l.hash == hash })
	}, l.toOutbox)
	return taken, err
}

func takePending(tx *store.Tx) (out []leaf, err error) {
	rows, err := tx.Query("DELETE FROM audit_pending WHERE id IN (SELECT id FROM audit_pending ORDER BY id LIMIT ?) RETURNING id, body", batchMost)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var x leaf
		if err := rows.Scan(&x.id, &x.body); err != nil {
			return nil, err
		}
		x.hash = tlog.RecordHash(x.body)
		out = append(out, x)
	}
	slices.SortFunc(out, func(a, b leaf) int { return strings.Compare(a.id, b.id) })
	return out, rows.Err()
}

// append puts events of the event stream into the tree, leaving out those that are in it already: delivery is at least
// once, and state changes were there before they were published.
func (l *Log) append(ctx context.Context, evs []fleet.Event) error {
	leaves := make([]leaf, 0, len(evs))
	for _, ev := range evs {
		body, err := json.Marshal(ev)
		if err != nil {
			return err
		}
		leaves = append(leaves, leaf{ev.ID, body, tlog.RecordHash(body)})
	}
	// Most batches of a quiet system hold only what is in the tree already: no turn and no fsync for those.
	leaves, err := unseen(l.reader(ctx), leaves, sameID)
	if err != nil || len(leaves) == 0 {
		return err
	}
	return l.place(ctx, func(tx *store.Tx) ([]leaf, error) { return unseen(tx, leaves, sameID) }, nil)
}

func sameID(leaf, tlog.Hash) bool { return true }

// unseen leaves out entries whose id is in the tree, where same agrees that it is the same entry.
func unseen(q querier, leaves []leaf, same func(leaf, tlog.Hash) bool) ([]leaf, error) {
	ids := make([]string, len(leaves))
	for i, x := range leaves {
		ids[i] = x.id
	}
	found, err := known(q, ids)
	if err != nil {
		return nil, err
	}
	out := make([]leaf, 0, len(leaves))
	for _, x := range leaves {
		if hash, ok := found[x.id]; ok && same(x, hash) {
			continue
		}
		found[x.id] = x.hash
		out = append(out, x)
	}
	return out, nil
}

// place appends what take gives to the tree in one transaction; after, if not nil, runs in it with the range placed.
func (l *Log) place(ctx context.Context, take func(*store.Tx) ([]leaf, error), after func(tx *store.Tx, first, last int64) error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var grown *provable.Tree
	err := l.DB.Keep(ctx, func(tx *store.Tx) error {
		if err := takeTurn(tx); err != nil {
			return err
		}
		tree, err := l.current(tx)
		if err != nil {
			return err
		}
		leaves, err := take(tx)
		if err != nil {
			return err
		}
		first := tree.Size()
		if err := grow(tx, tree, leaves); err != nil {
			return err
		}
		grown = tree
		if after != nil && len(leaves) > 0 {
			return after(tx, first, tree.Size()-1)
		}
		return nil
	})
	if err != nil {
		l.suspect(err)
		return err
	}
	l.tree = grown
	notify(l.placed)
	return nil
}

// grow writes leaves and their hashes behind the tree's last entry.
func grow(tx *store.Tx, tree *provable.Tree, leaves []leaf) error {
	if len(leaves) == 0 {
		return nil
	}
	base := tlog.StoredHashCount(tree.Size())
	rows := make([]row, len(leaves))
	var hashes []tlog.Hash
	for i, x := range leaves {
		var ev fleet.Event
		// A body that was altered while it waited is placed as it is; verification says so.
		_ = json.Unmarshal(x.body, &ev)
		rows[i] = newRow(tree.Size(), ev, x.body)
		rows[i].id = x.id
		hashes = tree.Append(hashes, x.hash)
	}
	if err := insertRows(tx, rows); err != nil {
		return err
	}
	return writeHashes(tx, base, hashes)
}
