package store

import (
	"context"
	"database/sql"
)

// preparedMost bounds how many statements SQLite's writer keeps parsed; the product has fewer, and a generated one (an IN
// list) must not push the others out.
const preparedMost = 512

// prepared keeps the writer's statements parsed: parsing is a third of what a small change costs on SQLite. Only the
// writer's goroutine touches it. A statement is parsed for keeping after the second transaction that ran it, when the one
// connection is free.
type prepared struct {
	ready map[string]*sql.Stmt
	seen  map[string]int
	bound map[string]*sql.Stmt // those of ready that the running transaction has used
}

func newPrepared() *prepared {
	return &prepared{ready: map[string]*sql.Stmt{}, seen: map[string]int{}, bound: map[string]*sql.Stmt{}}
}

// exec runs a statement inside the running transaction, from its parsed form where there is one.
func (p *prepared) exec(ctx context.Context, tx *sql.Tx, query string, args []any) (sql.Result, error) {
	if stmt := p.bound[query]; stmt != nil {
		return stmt.ExecContext(ctx, args...)
	}
	stmt := p.ready[query]
	if stmt == nil {
		if len(p.seen) < preparedMost {
			p.seen[query]++
		}
		return tx.ExecContext(ctx, query, args...)
	}
	p.bound[query] = tx.StmtContext(ctx, stmt)
	return p.bound[query].ExecContext(ctx, args...)
}

// ended is called when the transaction is over: its statements are closed with it, and what ran often is parsed to stay.
func (p *prepared) ended(ctx context.Context, db *sql.DB) {
	clear(p.bound)
	for query, n := range p.seen {
		if n < 2 || len(p.ready) >= preparedMost {
			continue
		}
		delete(p.seen, query)
		if stmt, err := db.PrepareContext(ctx, query); err == nil { //nolint:sqlclosecheck // kept, and closed by close; without it the query goes on unparsed
			p.ready[query] = stmt
		}
	}
	if len(p.seen) >= preparedMost {
		clear(p.seen)
	}
}

func (p *prepared) close() {
	for _, stmt := range p.ready {
		_ = stmt.Close()
	}
}
