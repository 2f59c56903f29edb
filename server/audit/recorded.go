package audit

import (
	"context"
	"encoding/json"

	"github.com/thingward/thingward/fleet"
)

// Recorded finds events by their ids, whether they have their place in the tree yet or wait for it. One that has is proved
// before it is given; one that does not stand up, or that was never recorded, is left out.
func (l *Log) Recorded(ctx context.Context, ids []string) (map[string]fleet.Event, error) {
	out := make(map[string]fleet.Event, len(ids))
	for len(ids) > 0 {
		n := min(len(ids), 256)
		// Those that wait first: an entry moves from there to the tree, never back.
		if err := l.recordedWaiting(ctx, ids[:n], out); err != nil {
			return nil, err
		}
		if err := l.recordedPlaced(ctx, ids[:n], out); err != nil {
			return nil, err
		}
		ids = ids[n:]
	}
	return out, nil
}

func (l *Log) recordedWaiting(ctx context.Context, ids []string, out map[string]fleet.Event) error {
	rows, err := l.DB.Query(ctx, "SELECT id, body FROM audit_pending WHERE id IN "+tuples(1, len(ids)), anys(ids)...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id string
		var body []byte
		if err := rows.Scan(&id, &body); err != nil {
			return err
		}
		var ev fleet.Event
		if json.Unmarshal(body, &ev) == nil && ev.ID == id {
			out[id] = ev
		}
	}
	return rows.Err()
}

func (l *Log) recordedPlaced(ctx context.Context, ids []string, out map[string]fleet.Event) error {
	for len(ids) > 0 {
		rows, early, err := readSome(l.reader(ctx), "WHERE id IN "+tuples(1, len(ids))+" ORDER BY id", anys(ids)...)
		if err != nil {
			return err
		}
		entries, err := l.checked(ctx, rows)
		if err != nil {
			return err
		}
		left := map[string]bool{}
		for _, id := range ids {
			left[id] = true
		}
		for i, e := range entries {
			delete(left, rows[i].id)
			if e.Broken == "" {
				out[e.Event.ID] = e.Event
			} else {
				delete(out, rows[i].id)
			}
		}
		if !early || len(rows) == 0 {
			return nil
		}
		ids = ids[:0:0]
		for id := range left {
			ids = append(ids, id)
		}
	}
	return nil
}
