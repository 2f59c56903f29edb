package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
)

// ErrNewer means that the database was written by a newer Thingward. It is left untouched.
var ErrNewer = errors.New("the data was written by a newer version of Thingward: use that version, or restore a backup made with this one")

// Migrate brings the tables of one domain up to date. migrations holds NNN_name.sql files in goose's format at its root;
// each domain has its own version table.
func (db *DB) Migrate(ctx context.Context, domain string, migrations fs.FS) error {
	dialect := database.DialectSQLite3
	if db.dialect == Postgres {
		dialect = database.DialectPostgres
	}
	versions, err := database.NewStore(dialect, "version_"+domain)
	if err != nil {
		return fmt.Errorf("migrate %s: %w", domain, err)
	}
	p, err := goose.NewProvider("", db.write, migrations, goose.WithStore(versions), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("migrate %s: %w", domain, err)
	}
	at, err := p.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("migrate %s: %w", domain, err)
	}
	sources := p.ListSources()
	if newest := sources[len(sources)-1].Version; at > newest {
		return fmt.Errorf("%w (%s is at version %d, this program knows %d)", ErrNewer, domain, at, newest)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate %s: %w", domain, err)
	}
	return nil
}
