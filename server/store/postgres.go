package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"net/url"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// blobDomain lets one set of migrations say BLOB on both engines.
const blobDomain = `DO $$ BEGIN CREATE DOMAIN blob AS bytea; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$`

// sharedSettings let PostgreSQL notice within seconds that a node has vanished and undo what it had begun.
var sharedSettings = map[string]string{"tcp_keepalives_idle": "2", "tcp_keepalives_interval": "1", "tcp_keepalives_count": "2", "tcp_user_timeout": "5000"}

func openPostgres(ctx context.Context, dsn string, shared bool) (*DB, error) {
	where := redacted(dsn)
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("open database %s: the URL cannot be read", where)
	}
	if shared {
		maps.Copy(config.RuntimeParams, sharedSettings)
	}
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(16)
	db.SetMaxIdleConns(16)
	if _, err := db.ExecContext(ctx, blobDomain); err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w: check that the server runs and the role may create tables", where, err), db.Close())
	}
	return &DB{dialect: Postgres, read: db, write: db, stop: make(chan struct{})}, nil
}

func redacted(dsn string) string {
	u, err := url.Parse(dsn)
	if err != nil {
		return "postgres://…"
	}
	return u.Redacted()
}

func (db *DB) transact(ctx context.Context, fn func(*Tx) error, audited bool) error {
	for try := 0; ; try++ {
		tx, err := db.attempt(ctx, fn, audited)
		if err == nil {
			tx.committed()
			return nil
		}
		if try == 4 || !serialisation(err) {
			return err
		}
	}
}

func (db *DB) attempt(ctx context.Context, fn func(*Tx) error, audited bool) (*Tx, error) {
	sqlTx, err := db.write.BeginTx(ctx, nil)
	if err != nil {
		return nil, wrap(err)
	}
	tx := &Tx{db: db, sql: sqlTx, ctx: ctx}
	err = db.fenced(ctx, sqlTx)
	if err == nil {
		err = tx.run(fn, audited)
	}
	if err != nil {
		if rerr := sqlTx.Rollback(); rerr != nil && !errors.Is(rerr, sql.ErrTxDone) {
			err = errors.Join(err, rerr)
		}
		return nil, err
	}
	return tx, wrap(sqlTx.Commit())
}

// fenced refuses a transaction when the lease is another node's. Until it ends, the lease cannot be taken.
func (db *DB) fenced(ctx context.Context, tx *sql.Tx) error {
	epoch := db.fence.Load()
	if epoch == 0 {
		return nil
	}
	err := tx.QueryRowContext(ctx, "SELECT epoch FROM lease_holder WHERE epoch = $1 FOR SHARE", epoch).Scan(&epoch)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrFenced
	}
	return wrap(err)
}
