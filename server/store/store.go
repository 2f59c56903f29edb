// Package store opens Thingward's SQL database, SQLite on one machine or PostgreSQL beyond it, and runs transactions.
//
// All SQL in the product is written once, with ? for parameters, in the common subset of both engines. Column types:
// TEXT, BIGINT (times are microseconds since 1970, see Time), BOOLEAN, DOUBLE PRECISION and BLOB (a domain over BYTEA on
// PostgreSQL). A change of state goes through Change, which refuses to commit without an audit entry; derived state
// (telemetry, counters, indexes) goes through Keep.
package store

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"

	_ "github.com/jackc/pgx/v5/stdlib" // driver "pgx"
	_ "modernc.org/sqlite"             // driver "sqlite"
)

// Dialect is which engine is behind a DB.
type Dialect string

// The engines.
const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
)

// Config says which database to open.
type Config struct {
	// URL is sqlite:PATH or postgres://….
	URL string
	// Shared says that several nodes use the database: one that vanishes must not hold its locks for hours.
	Shared bool
	Log    *slog.Logger
}

// DB is an open database. It is safe for use by many goroutines.
type DB struct {
	dialect Dialect
	read    *sql.DB
	write   *sql.DB
	log     *slog.Logger

	queue  chan *job // SQLite only: what waits for the one writer
	stop   chan struct{}
	closed sync.Once
	done   sync.WaitGroup

	prepared *prepared // SQLite only
	bound    sync.Map  // SQL with ? → SQL of the dialect

	fence atomic.Int64 // epoch of the lease that transactions need; 0: none
}

// Open opens the database, making the SQLite file if it is not there. Errors name what to check; a password in a
// PostgreSQL URL is never repeated in them.
func Open(ctx context.Context, c Config) (*DB, error) {
	if c.Log == nil {
		c.Log = slog.Default()
	}
	scheme, rest, _ := strings.Cut(c.URL, ":")
	var db *DB
	var err error
	switch scheme {
	case "sqlite":
		db, err = openSQLite(ctx, rest)
	case "postgres", "postgresql":
		db, err = openPostgres(ctx, c.URL, c.Shared)
	default:
		return nil, fmt.Errorf("database URL: unknown scheme %q, want sqlite:PATH or postgres://…", scheme)
	}
	if err != nil {
		return nil, err
	}
	db.log = c.Log
	return db, nil
}

// Dialect tells which engine this is.
func (db *DB) Dialect() Dialect { return db.dialect }

// Close waits for running transactions and closes the database.
func (db *DB) Close() error {
	db.closed.Do(func() { close(db.stop) })
	db.done.Wait()
	err := db.read.Close()
	if db.write != db.read {
		if werr := db.write.Close(); err == nil {
			err = werr
		}
	}
	return err
}

// Ping reports whether the database answers.
func (db *DB) Ping(ctx context.Context) error { return db.read.PingContext(ctx) }

// Query runs a SELECT outside of any transaction; it sees everything that was committed before.
func (db *DB) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	rows, err := db.read.QueryContext(ctx, db.bind(query), args...)
	return rows, wrap(err)
}

// QueryRow is Query for one row.
func (db *DB) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	return db.read.QueryRowContext(ctx, db.bind(query), args...)
}

// bind turns ? into $1, $2 … for PostgreSQL, leaving quoted text alone.
func (db *DB) bind(query string) string {
	if db.dialect == SQLite {
		return query
	}
	if s, ok := db.bound.Load(query); ok {
		return s.(string)
	}
	s := rebind(query)
	db.bound.Store(query, s)
	return s
}

func rebind(query string) string {
	var b strings.Builder
	quoted, n := false, 0
	for _, r := range query {
		switch {
		case r == '\'':
			quoted = !quoted
		case r == '?' && !quoted:
			n++
			fmt.Fprintf(&b, "$%d", n)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
