package store

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/thingward/thingward/kit/clock"
)

// ErrFenced says that another node works on the database now. Nothing was changed; whoever gets it must stop.
var ErrFenced = errors.New("another node has taken over: this one must stop")

// errStandby says that the lease is another node's.
var errStandby = errors.New("another node holds the lease")

// leaseTables hold one row each: who may write, and the holder's sign of life. They are apart so that a transaction that looks
// who may write never waits for a sign of life.
var leaseTables = []string{
	`DO $$ BEGIN
		CREATE TABLE IF NOT EXISTS lease_holder (one BIGINT PRIMARY KEY CHECK (one = 1), epoch BIGINT NOT NULL, node TEXT NOT NULL);
		CREATE TABLE IF NOT EXISTS lease_beat (one BIGINT PRIMARY KEY CHECK (one = 1), epoch BIGINT NOT NULL, beat BIGINT NOT NULL);
	EXCEPTION WHEN duplicate_table OR unique_violation THEN NULL; END $$`,
	`INSERT INTO lease_holder (one, epoch, node) VALUES (1, 0, '') ON CONFLICT DO NOTHING`,
	`INSERT INTO lease_beat (one, epoch, beat) VALUES (1, 0, 0) ON CONFLICT DO NOTHING`,
}

// LeaseTimes say how often the holder gives a sign of life and when the others stop waiting for it.
type LeaseTimes struct {
	Beat  time.Duration // between signs of life, and between looks at them
	Limit time.Duration // without one, after which another node takes over
}

// DefaultLease takes over within about five seconds of a death.
var DefaultLease = LeaseTimes{Beat: 250 * time.Millisecond, Limit: 4 * time.Second}

// Lease is a node's right to be the one that works on a PostgreSQL database. It is safe because every transaction of this DB
// checks it before it commits, in the database: however long a process sleeps, it changes nothing after another took over.
type Lease struct {
	db    *DB
	times LeaseTimes
	clock clock.Clock
	node  string
	epoch int64
	kept  atomic.Int64 // when it was last confirmed, on this machine's clock
}

// LeaseConfig is what Acquire needs.
type LeaseConfig struct {
	Node    string
	Times   LeaseTimes
	Clock   clock.Clock
	Standby func(holder string) // is told once when another node holds the lease, and again when that changes
}

// Acquire waits until this node holds the lease: nobody did, its holder gave it up, or gave no sign of life for the limit. From
// then on, transactions of db check it. It fails only when ctx ends or the database refuses for good.
func (db *DB) Acquire(ctx context.Context, c LeaseConfig) (*Lease, error) {
	if db.dialect != Postgres {
		return nil, errors.New("several nodes need PostgreSQL: set database to its URL")
	}
	l := &Lease{db: db, times: c.Times, clock: c.Clock, node: c.Node}
	w := watch{l: l}
	told := ""
	for {
		holder, err := w.try(ctx)
		switch {
		case err == nil:
			db.fence.Store(l.epoch)
			return l, nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.Is(err, errStandby):
			if holder != told && c.Standby != nil {
				c.Standby(holder)
			}
			told = holder
		default:
			db.log.Warn("the lease cannot be read, trying again", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-c.Clock.After(c.Times.Beat):
		}
	}
}

// watch is a standby's view of the holder.
type watch struct {
	l     *Lease
	made  bool
	epoch int64
	beat  int64
	since time.Time // when this beat was first seen, with no failed look in between
}

// try takes the lease if it is free.
func (w *watch) try(ctx context.Context) (holder string, err error) {
	ctx, cancel := context.WithTimeout(ctx, max(w.l.times.Limit, time.Second))
	defer cancel()
	seen := w.since
	w.since = time.Time{} // a database that was away proves nothing about the holder
	if !w.made {
		for _, statement := range leaseTables {
			if _, err := w.l.db.write.ExecContext(ctx, statement); err != nil {
				return "", wrap(err)
			}
		}
		w.made = true
	}
	var epoch, beat int64
	row := w.l.db.write.QueryRowContext(ctx, "SELECT h.epoch, h.node, b.beat FROM lease_holder h, lease_beat b WHERE b.epoch = h.epoch")
	if err := row.Scan(&epoch, &holder, &beat); err != nil {
		return "", fmt.Errorf("read the lease: %w", err)
	}
	now := w.l.clock.Now()
	if w.since = seen; w.since.IsZero() || epoch != w.epoch || beat != w.beat {
		w.epoch, w.beat, w.since = epoch, beat, now
	}
	if holder != "" && holder != w.l.node && now.Sub(w.since) < w.l.times.Limit {
		return holder, errStandby
	}
	return holder, w.l.take(ctx, epoch, beat)
}

// take makes this node the holder, unless the holder gave a sign of life meanwhile. It waits for the transactions that are
// under way, and those that come later find themselves fenced.
func (l *Lease) take(ctx context.Context, epoch, beat int64) error {
	tx, err := l.db.write.BeginTx(ctx, nil)
	if err != nil {
		return wrap(err)
	}
	defer func() { _ = tx.Rollback() }() // nothing to undo after Commit
	res, err := tx.ExecContext(ctx, "UPDATE lease_beat SET epoch = epoch + 1, beat = 0 WHERE epoch = $1 AND beat = $2", epoch, beat)
	if err != nil {
		return wrap(err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(errStandby, err)
	}
	if _, err := tx.ExecContext(ctx, "UPDATE lease_holder SET epoch = epoch + 1, node = $1 WHERE epoch = $2", l.node, epoch); err != nil {
		return wrap(err)
	}
	if err := tx.Commit(); err != nil {
		return wrap(err)
	}
	l.epoch = epoch + 1
	l.kept.Store(l.clock.Now().UnixNano())
	return nil
}

// Epoch is how many times the lease was taken, this time included.
func (l *Lease) Epoch() int64 { return l.epoch }

// Fresh reports whether the lease was confirmed so lately that nobody else can have it yet. It is for writes that the database
// does not guard.
func (l *Lease) Fresh() bool {
	return l.clock.Now().Sub(time.Unix(0, l.kept.Load())) < l.times.Limit*3/4
}

// Keep gives signs of life until ctx ends, or returns ErrFenced when another node has taken over. A database that does not
// answer is no reason to stop: nobody can take over there.
func (l *Lease) Keep(ctx context.Context) error {
	for {
		asked := l.clock.Now()
		n, err := l.beat(ctx)
		switch {
		case err == nil && n == 0:
			return ErrFenced
		case err == nil:
			l.kept.Store(asked.UnixNano())
		case ctx.Err() == nil:
			l.db.log.Warn("sign of life not given, trying again", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-l.clock.After(l.times.Beat):
		}
	}
}

func (l *Lease) beat(ctx context.Context) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, max(l.times.Limit/2, time.Second))
	defer cancel()
	res, err := l.db.write.ExecContext(ctx, "UPDATE lease_beat SET beat = beat + 1 WHERE epoch = $1", l.epoch)
	if err != nil {
		return 0, wrap(err)
	}
	return res.RowsAffected()
}

// Release gives the lease up, so that another node need not wait. From then on this DB changes nothing.
func (l *Lease) Release(ctx context.Context) error {
	_, err := l.db.write.ExecContext(ctx, "UPDATE lease_holder SET node = '' WHERE epoch = $1", l.epoch)
	l.db.fence.Store(released)
	return wrap(err)
}

// released is an epoch that never comes.
const released = -1
