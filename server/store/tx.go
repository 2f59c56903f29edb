package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
)

// ErrUnaudited means that a change was about to be committed without its audit entry. It is a fault of ours, never the
// caller's, and nothing was changed.
var ErrUnaudited = errors.New("a change without its audit entry was refused")

// Change runs fn in one transaction and commits when it returns nil. fn must record what it changed
// (audit.Log.Record); otherwise nothing is committed and ErrUnaudited returned. fn may be run again after a
// serialisation conflict, so it must have no effect outside the transaction; use Tx.OnCommit for those.
func (db *DB) Change(ctx context.Context, fn func(*Tx) error) error { return db.do(ctx, fn, true) }

// Keep is Change for derived state that needs no audit entry of its own: counters, telemetry, indexes, caches.
func (db *DB) Keep(ctx context.Context, fn func(*Tx) error) error { return db.do(ctx, fn, false) }

func (db *DB) do(ctx context.Context, fn func(*Tx) error, audited bool) error {
	if db.dialect == SQLite {
		return db.enqueue(ctx, fn, audited)
	}
	return db.transact(ctx, fn, audited)
}

// Tx is a running transaction. It belongs to the function it was given to and must not outlive it.
type Tx struct {
	db       *DB
	sql      *sql.Tx
	ctx      context.Context
	audited  bool
	onCommit []func()
}

// Exec runs a statement and returns how many rows it touched.
func (tx *Tx) Exec(query string, args ...any) (int64, error) {
	res, err := tx.exec(query, args)
	if err != nil {
		return 0, wrap(err)
	}
	return res.RowsAffected()
}

func (tx *Tx) exec(query string, args []any) (sql.Result, error) {
	if p := tx.db.prepared; p != nil {
		return p.exec(tx.ctx, tx.sql, query, args)
	}
	return tx.sql.ExecContext(tx.ctx, tx.db.bind(query), args...)
}

// Query runs a SELECT inside the transaction. Close the rows before the next statement.
func (tx *Tx) Query(query string, args ...any) (*sql.Rows, error) {
	rows, err := tx.sql.QueryContext(tx.ctx, tx.db.bind(query), args...)
	return rows, wrap(err)
}

// QueryRow is Query for one row.
func (tx *Tx) QueryRow(query string, args ...any) *sql.Row {
	return tx.sql.QueryRowContext(tx.ctx, tx.db.bind(query), args...)
}

// Dialect tells which engine this is, for the few statements that differ.
func (tx *Tx) Dialect() Dialect { return tx.db.dialect }

// Audited is called by the audit log when it has taken this transaction's entry.
func (tx *Tx) Audited() { tx.audited = true }

// OnCommit runs f after the transaction is durable, in the goroutine that asked for it; never after a rollback.
func (tx *Tx) OnCommit(f func()) { tx.onCommit = append(tx.onCommit, f) }

func (tx *Tx) committed() {
	for _, f := range tx.onCommit {
		f()
	}
}

func (tx *Tx) run(fn func(*Tx) error, audited bool) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic in a transaction: %v\n%s", r, debug.Stack())
		}
	}()
	if err := fn(tx); err != nil {
		return err
	}
	if audited && !tx.audited {
		return ErrUnaudited
	}
	return nil
}
