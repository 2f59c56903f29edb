package telemetry

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/store"
)

// openPoints makes the table of readings. On SQLite it is a clustered table (WITHOUT ROWID), which halves its size; the
// two engines have no common words for that, so it is no migration file.
func (s *Service) openPoints(ctx context.Context) error {
	create := "CREATE TABLE IF NOT EXISTS telemetry_point (series BIGINT NOT NULL, ts BIGINT NOT NULL, value DOUBLE PRECISION NOT NULL, text TEXT, PRIMARY KEY (series, ts))"
	if s.DB.Dialect() == store.SQLite {
		create += " WITHOUT ROWID"
	}
	return s.DB.Keep(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(create)
		return err
	})
}

type seriesKey struct{ device, stream, property string }

type seriesRow struct {
	id               int64
	stream, property string
}

// seriesCache remembers ids of series, boundedly.
type seriesCache struct {
	mu  sync.Mutex
	ids map[seriesKey]int64
}

const seriesMost = 200_000

func (c *seriesCache) get(k seriesKey) (int64, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	id, ok := c.ids[k]
	return id, ok
}

func (c *seriesCache) put(k seriesKey, id int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ids == nil || len(c.ids) >= seriesMost {
		c.ids = map[seriesKey]int64{}
	}
	c.ids[k] = id
}

// seriesID finds or makes the id of a series. Those made in this transaction are in fresh, and remembered once it is
// committed.
func (s *Service) seriesID(tx *store.Tx, fresh map[seriesKey]int64, k seriesKey) (int64, error) {
	if id, ok := s.series.get(k); ok {
		return id, nil
	}
	if id, ok := fresh[k]; ok {
		return id, nil
	}
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	if _, err := tx.Exec("INSERT INTO telemetry_series (id, device, stream, property) VALUES (?, ?, ?, ?) ON CONFLICT (device, stream, property) DO NOTHING",
		int64(binary.BigEndian.Uint64(b[:])>>1), k.device, k.stream, k.property); err != nil {
		return 0, err
	}
	var id int64
	err := tx.QueryRow("SELECT id FROM telemetry_series WHERE device = ? AND stream = ? AND property = ?", k.device, k.stream, k.property).Scan(&id)
	if err == nil {
		fresh[k] = id
		tx.OnCommit(func() { s.series.put(k, id) })
	}
	return id, err
}

const rowsMost = 128 // in one INSERT

// insert stores points. One that is there already, because its message came again, is left as it is.
func (s *Service) insert(tx *store.Tx, points []point) error {
	args := make([]any, 0, 4*min(len(points), rowsMost))
	fresh := map[seriesKey]int64{}
	for _, p := range points {
		id, err := s.seriesID(tx, fresh, seriesKey{p.device, p.stream, p.property})
		if err != nil {
			return err
		}
		args = append(args, id, store.Time(p.at), p.value, p.text)
		if len(args) == cap(args) {
			if err := insertRows(tx, args); err != nil {
				return err
			}
			args = args[:0]
		}
	}
	return insertRows(tx, args)
}

// insertRows writes rows in statements of a power of two, so that there are few different ones.
func insertRows(tx *store.Tx, args []any) error {
	for n := rowsMost; n > 0; n /= 2 {
		for len(args) >= 4*n {
			query := "INSERT INTO telemetry_point (series, ts, value, text) VALUES (?, ?, ?, ?)" + strings.Repeat(", (?, ?, ?, ?)", n-1) + " ON CONFLICT (series, ts) DO NOTHING"
			if _, err := tx.Exec(query, args[:4*n]...); err != nil {
				return err
			}
			args = args[4*n:]
		}
	}
	return nil
}

func (s *Service) findSeries(ctx context.Context, q Query) (out []seriesRow, err error) {
	query, args := "SELECT id, stream, property FROM telemetry_series WHERE device = ?", []any{q.Device}
	if q.Stream != "" {
		query, args = query+" AND stream = ?", append(args, q.Stream)
	}
	if q.Property != "" {
		query, args = query+" AND property = ?", append(args, q.Property)
	}
	rows, err := s.DB.Query(ctx, query+" ORDER BY stream, property", args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var r seriesRow
		if err := rows.Scan(&r.id, &r.stream, &r.property); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

func (s *Service) readSeries(ctx context.Context, id int64, q Query, into *Series) error {
	from, to := store.Time(q.From), store.Time(q.To)
	var first, last *int64
	if err := s.DB.QueryRow(ctx, "SELECT MIN(ts), MAX(ts) FROM telemetry_point WHERE series = ? AND ts >= ? AND ts <= ?", id, from, to).Scan(&first, &last); err != nil {
		return err
	}
	if first == nil || last == nil {
		return nil
	}
	rows, err := s.DB.Query(ctx, "SELECT ts, value, text FROM telemetry_point WHERE series = ? AND ts >= ? AND ts <= ? ORDER BY ts", id, *first, *last)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	t := newThin(q.Points, *first, *last)
	for rows.Next() {
		var p stored
		if err := rows.Scan(&p.ts, &p.value, &p.text); err != nil {
			return err
		}
		t.add(p)
	}
	t.into(into)
	return rows.Err()
}

// seenRow is a row of telemetry_seen.
type seenRow struct {
	device      string
	seen        time.Time
	silentSince time.Time
	health      *protocol.Health
}

const seenColumns = "device, seen, silent_since, health"

func scanSeen(row interface{ Scan(dest ...any) error }) (r seenRow, err error) {
	var seen, silent int64
	var health string
	if err := row.Scan(&r.device, &seen, &silent, &health); err != nil {
		return r, err
	}
	r.seen, r.silentSince = store.FromTime(seen), store.FromTime(silent)
	if health != "" {
		r.health = &protocol.Health{}
		if err := json.Unmarshal([]byte(health), r.health); err != nil {
			return r, fmt.Errorf("read health: %w", err)
		}
	}
	return r, nil
}

func (s *Service) readSeen(ctx context.Context, device string) (seenRow, error) {
	return scanSeen(s.DB.QueryRow(ctx, "SELECT "+seenColumns+" FROM telemetry_seen WHERE device = ?", device))
}

func (s *Service) loadSeen(ctx context.Context) error {
	rows, err := s.DB.Query(ctx, "SELECT "+seenColumns+" FROM telemetry_seen")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		r, err := scanSeen(rows)
		if err != nil {
			return err
		}
		w := &watch{watchView: watchView{id: r.device}, seen: r.seen, silentSince: r.silentSince, health: r.health}
		if w.health != nil {
			w.healthAt = r.seen
		}
		s.watched[r.device] = w
	}
	return rows.Err()
}

// persist stores who was heard since the last time.
func (s *Service) persist(ctx context.Context) error {
	for {
		batch := s.takeDirty(500)
		if len(batch) == 0 {
			return nil
		}
		if err := s.DB.Keep(ctx, func(tx *store.Tx) error { return writeSeen(tx, batch) }); err != nil {
			s.markDirty(batch)
			return err
		}
	}
}

func (s *Service) takeDirty(most int) (out []seenRow) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.watched {
		if w.dirty && len(out) < most {
			w.dirty = false
			out = append(out, seenRow{w.id, w.seen, w.silentSince, w.health})
		}
	}
	return out
}

func (s *Service) markDirty(rows []seenRow) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range rows {
		if w := s.watched[r.device]; w != nil {
			w.dirty = true
		}
	}
}

func writeSeen(tx *store.Tx, rows []seenRow) error {
	for _, r := range rows {
		health := ""
		if r.health != nil {
			b, err := json.Marshal(r.health)
			if err != nil {
				return err
			}
			health = string(b)
		}
		if _, err := tx.Exec(`INSERT INTO telemetry_seen (device, seen, silent, silent_since, health) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (device) DO UPDATE SET seen = excluded.seen, silent = excluded.silent, silent_since = excluded.silent_since, health = excluded.health`,
			r.device, store.Time(r.seen), !r.silentSince.IsZero(), store.Time(r.silentSince), health); err != nil {
			return err
		}
	}
	return nil
}
