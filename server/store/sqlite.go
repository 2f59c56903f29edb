package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/thingward/thingward/fleet"
)

// groupMost bounds how many changes share one commit, and with it how long the first of them waits.
const groupMost = 256

func openSQLite(ctx context.Context, path string) (*DB, error) {
	pragmas := url.Values{"_pragma": {"busy_timeout(10000)", "journal_mode(wal)", "synchronous(full)", "foreign_keys(1)", "temp_store(memory)", "cache_size(-32000)"}}
	write, err := sql.Open("sqlite", "file:"+path+"?"+pragmas.Encode())
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	write.SetMaxOpenConns(1)
	if err := write.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w: check that the folder exists, is writable and has free space", path, err), write.Close())
	}
	pragmas["_pragma"] = append(pragmas["_pragma"], "query_only(1)")
	read, err := sql.Open("sqlite", "file:"+path+"?"+pragmas.Encode())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w", path, err), write.Close())
	}
	read.SetMaxOpenConns(8)
	read.SetMaxIdleConns(8)
	db := &DB{dialect: SQLite, read: read, write: write, queue: make(chan *job, 4*groupMost), stop: make(chan struct{}), prepared: newPrepared()}
	db.done.Go(db.writeLoop)
	return db, nil
}

// job is one change waiting for the writer.
type job struct {
	ctx     context.Context
	fn      func(*Tx) error
	audited bool
	tx      *Tx
	err     error
	done    chan struct{}
}

// writeLoop is the only writer on SQLite. Changes that wait together share one transaction, each in its own savepoint,
// and one fsync: throughput rises with load and no change sees another one's failure.
func (db *DB) writeLoop() {
	for {
		select {
		case <-db.stop:
			db.refuseWaiting()
			db.prepared.close()
			return
		case first := <-db.queue:
			db.commitGroup(db.gather(first))
		}
	}
}

func (db *DB) gather(first *job) []*job {
	group := []*job{first}
	for len(group) < groupMost {
		select {
		case j := <-db.queue:
			group = append(group, j)
		default:
			return group
		}
	}
	return group
}

func (db *DB) refuseWaiting() {
	for {
		select {
		case j := <-db.queue:
			j.err = errClosed
			close(j.done)
		default:
			return
		}
	}
}

var errClosed = fleet.Errorf(fleet.CodeUnavailable, "the server is stopping: try again when it is back")

func (db *DB) commitGroup(group []*job) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	sqlTx, err := db.write.BeginTx(ctx, nil)
	if err == nil {
		for _, j := range group {
			j.err = db.runInSavepoint(ctx, sqlTx, j)
		}
		err = sqlTx.Commit()
	}
	for _, j := range group {
		if j.err == nil && err != nil {
			j.err = wrap(err)
		}
		close(j.done)
	}
	db.prepared.ended(ctx, db.write)
}

func (db *DB) runInSavepoint(ctx context.Context, sqlTx *sql.Tx, j *job) error {
	if err := j.ctx.Err(); err != nil {
		return err
	}
	if _, err := db.prepared.exec(ctx, sqlTx, "SAVEPOINT change", nil); err != nil {
		return wrap(err)
	}
	j.tx = &Tx{db: db, sql: sqlTx, ctx: ctx}
	err := j.tx.run(j.fn, j.audited)
	if err != nil {
		if _, rerr := sqlTx.ExecContext(ctx, "ROLLBACK TO change"); rerr != nil {
			err = errors.Join(err, rerr)
		}
	}
	if _, rerr := db.prepared.exec(ctx, sqlTx, "RELEASE change", nil); rerr != nil && err == nil {
		err = wrap(rerr)
	}
	return err
}

func (db *DB) enqueue(ctx context.Context, fn func(*Tx) error, audited bool) error {
	j := &job{ctx: ctx, fn: fn, audited: audited, done: make(chan struct{})}
	select {
	case <-db.stop:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	case db.queue <- j:
	}
	select {
	case <-j.done:
	case <-db.stop:
		db.done.Wait()
		select {
		case <-j.done:
		default:
			return errClosed
		}
	}
	if j.err == nil {
		j.tx.committed()
	}
	return j.err
}
