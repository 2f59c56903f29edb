package detect

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

// takeTurn makes everything that counts or closes follow one another: the row stays locked until the transaction ends.
func takeTurn(tx *store.Tx) error {
	_, err := tx.Exec("UPDATE detect_turn SET batches = batches + 1 WHERE one = 1")
	return err
}

const eventRows = 64 // events in one INSERT

// insertEvents writes the searchable copy and returns the events that were not there yet, in their order.
func insertEvents(tx *store.Tx, evs []fleet.Event) (fresh []fleet.Event, err error) {
	for part := range slices.Chunk(evs, eventRows) {
		isNew, err := insertSome(tx, part)
		if err != nil {
			return nil, err
		}
		for _, ev := range part {
			if isNew[ev.ID] {
				delete(isNew, ev.ID) // the same event twice in one batch is one event
				fresh = append(fresh, ev)
			}
		}
	}
	return fresh, nil
}

func insertSome(tx *store.Tx, evs []fleet.Event) (map[string]bool, error) {
	const columns = 13
	args := make([]any, 0, columns*len(evs))
	for _, ev := range evs {
		body, err := json.Marshal(ev)
		if err != nil {
			return nil, fmt.Errorf("event %s: %w", ev.ID, err)
		}
		i, r := cleanParty(ev.Initiator), cleanParty(ev.Receiver)
		args = append(args, ev.ID, store.Time(ev.Time), ev.Type, string(ev.Severity), i.Kind, i.ID, i.Name, i.Address, r.Kind, r.ID, r.Name, r.Address, body)
	}
	row := "(" + strings.TrimSuffix(strings.Repeat("?, ", columns), ", ") + ")"
	values := strings.TrimSuffix(strings.Repeat(row+", ", len(evs)), ", ")
	rows, err := tx.Query(`INSERT INTO detect_event (id, time, type, severity, initiator_kind, initiator_id, initiator_name, initiator_address,
		receiver_kind, receiver_id, receiver_name, receiver_address, body) VALUES `+values+` ON CONFLICT (id) DO NOTHING RETURNING id`, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	isNew := map[string]bool{}
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		isNew[id] = true
	}
	return isNew, rows.Err()
}

func readCounter(tx *store.Tx, rule, subject string) (q sequence, stored bool, err error) {
	var marks string
	err = tx.QueryRow("SELECT horizon, marks FROM detect_counter WHERE rule = ? AND subject = ?", rule, subject).Scan(&q.Horizon, &marks)
	if store.IsNoRows(err) {
		return sequence{}, false, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(marks), &q.Marks)
	}
	return q, true, err
}

func writeCounter(tx *store.Tx, rule, subject string, q sequence, now time.Time) error {
	if q.Marks == nil {
		q.Marks = []mark{}
	}
	marks, err := json.Marshal(q.Marks)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO detect_counter (rule, subject, horizon, marks, weight, touched) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (rule, subject) DO UPDATE SET horizon = excluded.horizon, marks = excluded.marks, weight = excluded.weight, touched = excluded.touched`,
		rule, subject, q.Horizon, string(marks), weigh(q.Marks, false), store.Time(now))
	return err
}

func deleteCounter(tx *store.Tx, rule, subject string) error {
	_, err := tx.Exec("DELETE FROM detect_counter WHERE rule = ? AND subject = ?", rule, subject)
	return err
}

// evict forgets the lightest and coldest subjects of a rule above most, and remembers how many it forgot.
func evict(tx *store.Tx, rule string, most int) (int64, error) {
	var n int
	if err := tx.QueryRow("SELECT COUNT(*) FROM detect_counter WHERE rule = ?", rule).Scan(&n); err != nil || n <= most {
		return 0, err
	}
	gone, err := tx.Exec(`DELETE FROM detect_counter WHERE rule = ? AND subject IN
		(SELECT subject FROM detect_counter WHERE rule = ? ORDER BY weight, touched, subject LIMIT ?)`, rule, rule, n-most)
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec("INSERT INTO detect_evicted (rule, subjects) VALUES (?, ?) ON CONFLICT (rule) DO UPDATE SET subjects = detect_evicted.subjects + excluded.subjects", rule, gone)
	return gone, err
}

// standing is how many subjects each rule counts now, and how many it had to forget.
func (s *Service) standing(ctx context.Context) (counted, evicted map[string]int, err error) {
	if counted, err = s.tally(ctx, "SELECT rule, COUNT(*) FROM detect_counter GROUP BY rule"); err != nil {
		return nil, nil, err
	}
	evicted, err = s.tally(ctx, "SELECT rule, subjects FROM detect_evicted")
	return counted, evicted, err
}

func (s *Service) tally(ctx context.Context, query string, args ...any) (map[string]int, error) {
	rows, err := s.DB.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	all := map[string]int{}
	for rows.Next() {
		var name string
		var n int
		if err := rows.Scan(&name, &n); err != nil {
			return nil, err
		}
		all[name] = n
	}
	return all, rows.Err()
}

// conditions collects the WHERE of a list.
type conditions struct {
	parts []string
	args  []any
}

func (c *conditions) and(cond string, args ...any) {
	c.parts = append(c.parts, cond)
	c.args = append(c.args, args...)
}

// oneOf adds column IN (…) unless values is empty.
func (c *conditions) oneOf(column string, values []string) {
	if len(values) == 0 {
		return
	}
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = v
	}
	c.and(column+" IN ("+strings.TrimSuffix(strings.Repeat("?, ", len(values)), ", ")+")", args...)
}

// like adds that one of columns holds text, in any case.
func (c *conditions) like(text string, columns ...string) {
	if text == "" {
		return
	}
	pattern := "%" + store.Like(strings.ToLower(text)) + "%"
	var parts []string
	var args []any
	for _, col := range columns {
		parts = append(parts, "LOWER("+col+`) LIKE ? ESCAPE '\'`)
		args = append(args, pattern)
	}
	c.and("("+strings.Join(parts, " OR ")+")", args...)
}

func (c *conditions) where() string {
	if len(c.parts) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(c.parts, " AND ")
}
