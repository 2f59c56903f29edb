package registry

import (
	"context"
	"regexp"
	"strings"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

const (
	searchMost = 120    // bytes of a search text
	sparse     = 10_000 // up to so many matches, the list starts from the matches; above, it walks in list order until full
)

// openSearch makes the index behind the list's q: any part, from three letters, of name or serial number (trigrams, by
// SQLite's FTS5 or PostgreSQL's pg_trgm).
func (s *Service) openSearch(ctx context.Context) error {
	statements := []string{"CREATE VIRTUAL TABLE IF NOT EXISTS registry_find USING fts5(find, device UNINDEXED, tokenize='trigram')"}
	if s.DB.Dialect() == store.Postgres {
		statements = []string{
			"CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public",
			"CREATE INDEX IF NOT EXISTS registry_device_find ON registry_device USING gin (find public.gin_trgm_ops)",
		}
	}
	for _, statement := range statements {
		err := s.DB.Keep(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(statement)
			return err
		})
		if err != nil && s.DB.Dialect() == store.SQLite {
			return err
		}
		if err != nil {
			s.Log.Warn("searching devices will be slow: install PostgreSQL's pg_trgm extension", "error", err)
			return nil
		}
	}
	return nil
}

func findText(d fleet.Device) string { return strings.ToLower(d.Name + " " + d.Serial) }

func indexDevice(tx *store.Tx, device, find string) error {
	if tx.Dialect() != store.SQLite {
		return nil // its index keeps itself
	}
	_, err := tx.Exec("INSERT INTO registry_find (find, device) VALUES (?, ?)", find, device)
	return err
}

// clause is a part of a WHERE.
type clause struct {
	sql  string
	args []any
}

// idPrefix is what the beginning of an id looks like; shorter ones would match every device of a year.
var idPrefix = regexp.MustCompile(`^[0-9a-f]{8}[0-9a-f-]{0,28}$`)

// searchClause matches q. few is true when the matches are known to be at most sparse.
func (s *Service) searchClause(ctx context.Context, q string) (c clause, few bool, err error) {
	q = strings.ToLower(strings.TrimSpace(q))
	if err := plain("q", q, searchMost); err != nil {
		return c, false, err
	}
	like := "%" + store.Like(q) + "%"
	if len([]rune(q)) < 3 {
		like = store.Like(q) + "%"
	}
	all := clause{`d.find LIKE ? ESCAPE '\'`, []any{like}}
	if s.DB.Dialect() == store.Postgres || len([]rune(q)) < 3 {
		if idPrefix.MatchString(q) {
			all = clause{`(d.find LIKE ? ESCAPE '\' OR d.id LIKE ? ESCAPE '\')`, []any{like, store.Like(q) + "%"}}
		}
		return all, false, nil
	}
	return s.searchSQLite(ctx, q, all)
}

func (s *Service) searchSQLite(ctx context.Context, q string, all clause) (clause, bool, error) {
	found := clause{"SELECT device FROM registry_find WHERE registry_find MATCH ?", []any{`"` + strings.ReplaceAll(q, `"`, `""`) + `"`}}
	if idPrefix.MatchString(q) {
		found.sql += " UNION ALL SELECT id FROM registry_device WHERE id >= ? AND id < ?"
		found.args = append(found.args, q, q+"~")
		all = clause{"(" + all.sql + " OR d.id >= ? AND d.id < ?)", append(all.args, q, q+"~")}
	}
	var n int
	err := s.DB.QueryRow(ctx, "SELECT count(*) FROM (SELECT 1 FROM ("+found.sql+") AS f LIMIT ?) AS n", append(found.args, sparse+1)...).Scan(&n)
	if err != nil {
		return clause{}, false, err
	}
	if n > sparse {
		return all, false, nil
	}
	return clause{"d.id IN (" + found.sql + ")", found.args}, true, nil
}
