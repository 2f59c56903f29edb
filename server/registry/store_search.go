package registry

import (
	"context"
	"regexp"
	"strings"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

const (
	searchMost = 120  // bytes of a search text
	sparse     = 2000 // up to so many matches, the list starts from the matches; above, it walks in list order until full
)

// openSearch makes the index behind the list's q: any part, from three letters, of name or serial number (trigrams, by
// SQLite's FTS5 or PostgreSQL's pg_trgm).
func (s *Service) openSearch(ctx context.Context) error {
	statements := []string{
		"CREATE VIRTUAL TABLE IF NOT EXISTS registry_find USING fts5(find, device UNINDEXED, tokenize='trigram')",
		"CREATE INDEX IF NOT EXISTS registry_device_walk ON registry_device (name, find, id)", // for texts with many matches: skips rows unread
	}
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
	short := len([]rune(q)) < 3
	switch {
	case s.DB.Dialect() == store.SQLite && short:
		return clause{"d.name >= ? AND d.name < ?", []any{q, q + "~"}}, false, nil // names hold nothing that sorts behind ~
	case s.DB.Dialect() == store.SQLite:
		return s.searchSQLite(ctx, q)
	case short:
		return clause{`d.name LIKE ? ESCAPE '\'`, []any{store.Like(q) + "%"}}, false, nil
	}
	c = clause{`d.find LIKE ? ESCAPE '\'`, []any{"%" + store.Like(q) + "%"}}
	if idPrefix.MatchString(q) {
		c = clause{`(d.find LIKE ? ESCAPE '\' OR d.id LIKE ? ESCAPE '\')`, []any{c.args[0], store.Like(q) + "%"}}
	}
	return c, false, nil
}

func (s *Service) searchSQLite(ctx context.Context, q string) (clause, bool, error) {
	all := clause{"instr(d.find, ?) > 0", []any{q}}
	phrase := `"` + strings.ReplaceAll(q, `"`, `""`) + `"`
	found := clause{"SELECT device FROM registry_find WHERE registry_find MATCH ?", []any{phrase}}
	var n int
	if err := s.DB.QueryRow(ctx, "SELECT count(*) FROM (SELECT rowid FROM registry_find WHERE registry_find MATCH ? LIMIT ?) AS n", phrase, sparse+1).Scan(&n); err != nil {
		return clause{}, false, err
	}
	if idPrefix.MatchString(q) {
		found.sql += " UNION ALL SELECT id FROM registry_device WHERE id >= ? AND id < ?"
		found.args = append(found.args, q, q+"~")
		all = clause{"(instr(d.find, ?) > 0 OR d.id >= ? AND d.id < ?)", []any{q, q, q + "~"}}
		var ids int
		if err := s.DB.QueryRow(ctx, "SELECT count(*) FROM (SELECT id FROM registry_device WHERE id >= ? AND id < ? LIMIT ?) AS n", q, q+"~", sparse+1).Scan(&ids); err != nil {
			return clause{}, false, err
		}
		n += ids
	}
	if n > sparse {
		return all, false, nil
	}
	return clause{"d.id IN (" + found.sql + ")", found.args}, true, nil
}
