package audit

import (
	"context"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/provable"
	"github.com/thingward/thingward/server/store"
)

const (
	// orphanAfter is when a node publishes what another node placed and did not publish.
	orphanAfter = 10 * time.Second
	// publishMost and publishBytes bound a message of the event stream.
	publishMost  = 128
	publishBytes = 2 << 20
)

// toOutbox notes in the placing transaction that entries first to last, all recorded state changes, are to be published.
func (l *Log) toOutbox(tx *store.Tx, first, last int64) error {
	if l.Bus == nil {
		return nil
	}
	_, err := tx.Exec("INSERT INTO audit_outbox (first, last, node, time) VALUES (?, ?, ?, ?)", first, last, l.node, store.Time(l.Clock.Now()))
	tx.OnCommit(func() { notify(l.outbox) })
	return err
}

// publishing puts placed state changes on the event stream, where detection and live views find them. A crash in between
// publishes them again; whoever consumes the stream knows an event by its id.
func (l *Log) publishing(ctx context.Context) {
	for ctx.Err() == nil {
		if err := l.publishPlaced(ctx); err != nil && ctx.Err() == nil {
			l.Log.Error("state changes were not published, trying again", "error", err)
			l.rest(ctx, nil, afterFault)
			continue
		}
		l.rest(ctx, l.outbox, pollEvery)
	}
}

func (l *Log) publishPlaced(ctx context.Context) error {
	ranges, err := l.waiting(ctx)
	if err != nil {
		return err
	}
	for _, r := range ranges {
		if err := l.publishRange(ctx, r[0], r[1]); err != nil {
			return err
		}
		if err := l.DB.Keep(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec("DELETE FROM audit_outbox WHERE first = ?", r[0])
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// waiting lists the ranges this node has to publish: its own, and those whose node seems to be gone.
func (l *Log) waiting(ctx context.Context) (out [][2]int64, err error) {
	where, args := "WHERE node = ? OR time < ?", []any{l.node, store.Time(l.Clock.Now().Add(-orphanAfter))}
	if l.DB.Dialect() == store.SQLite { // there is no other node: what is not ours is from before a restart
		where, args = "", nil
	}
	rows, err := l.DB.Query(ctx, "SELECT first, last FROM audit_outbox "+where+" ORDER BY first", args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var r [2]int64
		if err := rows.Scan(&r[0], &r[1]); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

func (l *Log) publishRange(ctx context.Context, first, last int64) error {
	var batch []fleet.Event
	bytes := 0
	flush := func() error {
		err := l.Bus.Append(ctx, batch)
		batch, bytes = nil, 0
		return err
	}
	for first <= last {
		rows, err := readRows(l.reader(ctx), "WHERE idx >= ? AND idx <= ? ORDER BY idx LIMIT ?", first, last, publishMost)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			l.suspect(&provable.Broken{Index: first, Reason: "the entry is missing"})
			break // the later ranges must not wait for what is gone
		}
		for _, r := range rows {
			first = r.index + 1
			ev, fault := r.event()
			if fault != "" || ev.Check() != nil {
				continue // altered, which verification reports: it is not handed on as if it were true
			}
			if batch, bytes = append(batch, ev), bytes+len(r.body); bytes >= publishBytes {
				if err := flush(); err != nil {
					return err
				}
			}
		}
		if err := flush(); err != nil {
			return err
		}
	}
	return nil
}
