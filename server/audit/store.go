package audit

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

// pageHashes is how many hashes a row of audit_hash holds: 2 KiB, which fits a page of either engine.
const pageHashes = 64

// querier is what reads: the database, or a transaction that has its context already.
type querier interface {
	Query(query string, args ...any) (*sql.Rows, error)
	QueryRow(query string, args ...any) *sql.Row
}

// reader reads outside of transactions.
type reader struct {
	ctx context.Context
	db  *store.DB
}

// Query is store.DB.Query.
func (r reader) Query(query string, args ...any) (*sql.Rows, error) {
	return r.db.Query(r.ctx, query, args...)
}

// QueryRow is store.DB.QueryRow.
func (r reader) QueryRow(query string, args ...any) *sql.Row {
	return r.db.QueryRow(r.ctx, query, args...)
}

func (l *Log) reader(ctx context.Context) querier { return reader{ctx, l.DB} }

// takeTurn makes this transaction the only one that extends the tree, on all nodes. SQLite has one writer anyway.
func takeTurn(tx *store.Tx) error {
	if tx.Dialect() == store.SQLite {
		return nil
	}
	var one int
	return tx.QueryRow("SELECT one FROM audit_turn FOR UPDATE").Scan(&one)
}

// sizeOf is how many entries are in the tree.
func sizeOf(q querier) (size int64, err error) {
	err = q.QueryRow("SELECT coalesce(max(idx), -1) + 1 FROM audit_entry").Scan(&size)
	return size, err
}

// row is a line of audit_entry.
type row struct {
	index int64
	id    string
	time  int64
	typ   string
	sev   string
	init  fleet.Party // without address
	recv  fleet.Party
	body  []byte
}

func (r row) leaf() tlog.Hash { return tlog.RecordHash(r.body) }

// event decodes the body and checks that the columns say the same.
func (r row) event() (fleet.Event, string) {
	var ev fleet.Event
	if err := json.Unmarshal(r.body, &ev); err != nil {
		return ev, "the entry's body is no event"
	}
	same := newRow(r.index, ev, nil)
	r.body = nil
	if !r.equal(same) {
		return ev, "a search column of the entry was altered"
	}
	return ev, ""
}

func (r row) equal(o row) bool {
	return r.index == o.index && r.id == o.id && r.time == o.time && r.typ == o.typ && r.sev == o.sev && r.init == o.init && r.recv == o.recv
}

func newRow(index int64, ev fleet.Event, body []byte) row {
	return row{
		index: index, id: column(ev.ID), time: store.Time(ev.Time), typ: column(ev.Type), sev: column(string(ev.Severity)),
		init: partyColumns(ev.Initiator), recv: partyColumns(ev.Receiver), body: body,
	}
}

func partyColumns(p fleet.Party) fleet.Party {
	return fleet.Party{Kind: column(p.Kind), ID: column(p.ID), Name: column(p.Name)}
}

// column makes s fit a search column: what a peer chose for its name must not stop the log because an engine refuses NUL
// or an index refuses length.
func column(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
	if len(s) <= columnMost {
		return s
	}
	return strings.ToValidUTF8(s[:columnMost], "")
}

const columnMost = 256

const columns = "idx, id, time, type, severity, initiator_kind, initiator_id, initiator_name, receiver_kind, receiver_id, receiver_name, body"

func (r row) values() []any {
	return []any{r.index, r.id, r.time, r.typ, r.sev, r.init.Kind, r.init.ID, r.init.Name, r.recv.Kind, r.recv.ID, r.recv.Name, r.body}
}

// rowsPerInsert keeps the statement's text the same for most of a batch and far below both engines' limit of parameters.
const rowsPerInsert = 64

func insertRows(tx *store.Tx, rows []row) error {
	for chunk := range slices.Chunk(rows, rowsPerInsert) {
		var args []any
		for _, r := range chunk {
			args = append(args, r.values()...)
		}
		if _, err := tx.Exec("INSERT INTO audit_entry ("+columns+") VALUES "+tuples(len(chunk), 12), args...); err != nil {
			return fmt.Errorf("audit entries not placed: %w", err)
		}
	}
	return nil
}

// tuples is "(?, ?), (?, ?)" for n = 2, width = 2.
func tuples(n, width int) string {
	one := "(?" + strings.Repeat(", ?", width-1) + ")"
	return one + strings.Repeat(", "+one, n-1)
}

// readBytes bounds what one query takes into memory.
const readBytes = 16 << 20

// readRows runs a query for columns. It may return fewer rows than there are, but never none of them; whoever needs all
// asks again from where it ended.
func readRows(q querier, where string, args ...any) ([]row, error) {
	rows, _, err := readSome(q, where, args...)
	return rows, err
}

// readSome is readRows that also tells when it ended early.
func readSome(q querier, where string, args ...any) (out []row, early bool, err error) {
	rows, err := q.Query("SELECT "+columns+" FROM audit_entry "+where, args...)
	if err != nil {
		return nil, false, err
	}
	defer func() { _ = rows.Close() }()
	bytes := 0
	for rows.Next() {
		if bytes >= readBytes {
			return out, true, nil
		}
		var r row
		if err := rows.Scan(&r.index, &r.id, &r.time, &r.typ, &r.sev, &r.init.Kind, &r.init.ID, &r.init.Name, &r.recv.Kind, &r.recv.ID, &r.recv.Name, &r.body); err != nil {
			return nil, false, err
		}
		out, bytes = append(out, r), bytes+len(r.body)
	}
	return out, false, rows.Err()
}

// known says which of the ids are in the tree already, with the bodies' hashes.
func known(q querier, ids []string) (map[string]tlog.Hash, error) {
	found := map[string]tlog.Hash{}
	for chunk := range slices.Chunk(ids, 256) {
		if err := findKnown(q, chunk, found); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func findKnown(q querier, ids []string, found map[string]tlog.Hash) error {
	rows, err := q.Query("SELECT id, body FROM audit_entry WHERE id IN "+tuples(1, len(ids)), anys(ids)...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id string
		var body []byte
		if err := rows.Scan(&id, &body); err != nil {
			return err
		}
		found[id] = tlog.RecordHash(body)
	}
	return rows.Err()
}

func anys[T any](in []T) []any {
	out := make([]any, len(in))
	for i, v := range in {
		out[i] = v
	}
	return out
}
