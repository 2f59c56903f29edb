// Package storetest runs a test on every SQL engine that is at hand: SQLite always, PostgreSQL when
// THINGWARD_TEST_POSTGRES names a server (the test command starts one).
package storetest

import (
	"context"
	"database/sql"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/store"
)

// Engines runs fn as a subtest on each engine, on an empty database.
func Engines(t *testing.T, fn func(t *testing.T, db *store.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { fn(t, Open(t)) })
	if url := os.Getenv("THINGWARD_TEST_POSTGRES"); url != "" {
		t.Run("postgres", func(t *testing.T) { fn(t, openPostgres(t, url)) })
	}
}

// Open gives an empty SQLite database that is closed with the test.
func Open(t testing.TB) *store.DB {
	t.Helper()
	return open(t, "sqlite:"+filepath.Join(t.TempDir(), "test.db"))
}

// Migrate applies migrations or fails the test.
func Migrate(t testing.TB, db *store.DB, domain string, migrations fs.FS) {
	t.Helper()
	if err := db.Migrate(context.Background(), domain, migrations); err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB, url string) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), store.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func openPostgres(t testing.TB, url string) *store.DB {
	t.Helper()
	return open(t, schemaOf(t, url))
}

// URLs names an empty database on each engine that is at hand, for what opens it itself; "" stands for SQLite in a folder of its
// own.
func URLs(t testing.TB) map[string]string {
	t.Helper()
	urls := map[string]string{"sqlite": ""}
	if url := os.Getenv("THINGWARD_TEST_POSTGRES"); url != "" {
		urls["postgres"] = schemaOf(t, url)
	}
	return urls
}

// schemaOf makes a schema of its own for the test, so that tests may run side by side on one server.
func schemaOf(t testing.TB, url string) string {
	t.Helper()
	schema := "t" + strings.ReplaceAll(id.New(), "-", "")
	admin, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := admin.ExecContext(context.Background(), "CREATE SCHEMA "+schema); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = admin.ExecContext(context.Background(), "DROP SCHEMA "+schema+" CASCADE")
		_ = admin.Close()
	})
	sep := "?"
	if strings.Contains(url, "?") {
		sep = "&"
	}
	return url + sep + "search_path=" + schema
}
