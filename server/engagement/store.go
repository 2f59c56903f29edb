package engagement

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

// querier reads inside a transaction or outside.
type querier struct {
	one  func(string, ...any) *sql.Row
	many func(string, ...any) (*sql.Rows, error)
}

func inTx(tx *store.Tx) querier { return querier{tx.QueryRow, tx.Query} }

func (s *Service) reader(ctx context.Context) querier {
	return querier{
		func(q string, args ...any) *sql.Row { return s.DB.QueryRow(ctx, q, args...) },
		func(q string, args ...any) (*sql.Rows, error) { return s.DB.Query(ctx, q, args...) },
	}
}

const headColumns = "id, title, system, begins, finishes, ends, scope, controls, auditors, created, created_by, changed, version, signed, signed_by, statement, digest, checkpoint FROM engagement_main"

func scanHead(row interface{ Scan(...any) error }) (e Engagement, err error) {
	var from, to, ends, created, changed, signed int64
	var scope, controls, auditors string
	var sig Signature
	if err := row.Scan(&e.ID, &e.Title, &e.System, &from, &to, &ends, &scope, &controls, &auditors, &created, &e.CreatedBy, &changed, &e.version, &signed, &sig.By, &sig.Statement, &sig.Digest, &sig.Checkpoint); err != nil {
		return e, err
	}
	e.From, e.To, e.Ends, e.Created, e.Changed = store.FromTime(from), store.FromTime(to), store.FromTime(ends), store.FromTime(created), store.FromTime(changed)
	if signed != 0 {
		sig.At = store.FromTime(signed)
		e.Signature = &sig
	}
	return e, errors.Join(json.Unmarshal([]byte(scope), &e.Scope), json.Unmarshal([]byte(controls), &e.Controls), json.Unmarshal([]byte(auditors), &e.Auditors))
}

// text is a value as stored JSON.
func text(v any) string {
	b, _ := json.Marshal(v) // plain values always marshal
	return string(b)
}

func insertEngagement(tx *store.Tx, e Engagement) error {
	_, err := tx.Exec(`INSERT INTO engagement_main (id, title, system, begins, finishes, ends, scope, controls, auditors, created, created_by, changed, version, signed, signed_by, statement, digest, checkpoint)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '', '', '', '')`,
		e.ID, e.Title, e.System, store.Time(e.From), store.Time(e.To), store.Time(e.Ends), text(e.Scope), text(e.Controls), text(e.Auditors), store.Time(e.Created), e.CreatedBy, store.Time(e.Changed), e.version)
	return err
}

func updateEngagement(tx *store.Tx, e Engagement) error {
	var sig Signature
	if e.Signature != nil {
		sig = *e.Signature
	}
	_, err := tx.Exec(`UPDATE engagement_main SET title = ?, system = ?, begins = ?, finishes = ?, ends = ?, scope = ?, controls = ?, auditors = ?, changed = ?,
  signed = ?, signed_by = ?, statement = ?, digest = ?, checkpoint = ? WHERE id = ? AND signed = 0`,
		e.Title, e.System, store.Time(e.From), store.Time(e.To), store.Time(e.Ends), text(e.Scope), text(e.Controls), text(e.Auditors), store.Time(e.Changed),
		store.Time(sig.At), sig.By, sig.Statement, sig.Digest, sig.Checkpoint, e.ID)
	return err
}

// load reads an engagement whole.
func load(q querier, ref string) (Engagement, error) {
	e, err := scanHead(q.one("SELECT "+headColumns+" WHERE id = ?", ref))
	if store.IsNoRows(err) {
		return e, fleet.Errorf(fleet.CodeNotFound, "there is no engagement %q: thingward engagement list shows them", clip(ref))
	}
	if err != nil {
		return e, err
	}
	return e, errors.Join(loadSamples(q, &e), loadRequests(q, &e), loadTurns(q, &e), loadConclusions(q, &e))
}

// each runs fn on every row.
func each(q querier, query, id string, fn func(*sql.Rows) error) (err error) {
	rows, err := q.many(query, id)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func loadSamples(q querier, e *Engagement) error {
	return each(q, "SELECT n, control, check_id, seed, wanted, population, digest, drawn, drawn_by, objects FROM engagement_sample WHERE engagement = ? ORDER BY n", e.ID, func(rows *sql.Rows) error {
		var sm Sample
		var drawn int64
		var objects string
		if err := rows.Scan(&sm.N, &sm.Control, &sm.Check, &sm.Seed, &sm.Size, &sm.Population, &sm.Digest, &drawn, &sm.By, &objects); err != nil {
			return err
		}
		sm.Drawn = store.FromTime(drawn)
		e.Samples = append(e.Samples, sm)
		return json.Unmarshal([]byte(objects), &e.Samples[len(e.Samples)-1].Objects)
	})
}

func loadRequests(q querier, e *Engagement) error {
	return each(q, "SELECT n, control, text, due, asked, asked_by, state FROM engagement_request WHERE engagement = ? ORDER BY n", e.ID, func(rows *sql.Rows) error {
		r := Request{Turns: []Turn{}}
		var due, at int64
		if err := rows.Scan(&r.N, &r.Control, &r.Text, &due, &at, &r.By, &r.State); err != nil {
			return err
		}
		r.Due, r.Asked = store.FromTime(due), store.FromTime(at)
		e.Requests = append(e.Requests, r)
		return nil
	})
}

func loadTurns(q querier, e *Engagement) error {
	return each(q, "SELECT request, verdict, text, records, export, at, by_name FROM engagement_turn WHERE engagement = ? ORDER BY request, n", e.ID, func(rows *sql.Rows) error {
		var t Turn
		var request int
		var at int64
		var records string
		if err := rows.Scan(&request, &t.Verdict, &t.Text, &records, &t.Export, &at, &t.By); err != nil {
			return err
		}
		t.At = store.FromTime(at)
		if err := json.Unmarshal([]byte(records), &t.Records); err != nil {
			return err
		}
		r := &e.Requests[request-1]
		r.Turns = append(r.Turns, t)
		return nil
	})
}

func loadConclusions(q querier, e *Engagement) error {
	return each(q, "SELECT control, conclusion, text, at, by_name FROM engagement_conclusion WHERE engagement = ? ORDER BY control", e.ID, func(rows *sql.Rows) error {
		var c Conclusion
		var at int64
		if err := rows.Scan(&c.Control, &c.Conclusion, &c.Text, &at, &c.By); err != nil {
			return err
		}
		c.At = store.FromTime(at)
		e.Conclusion = append(e.Conclusion, c)
		return nil
	})
}

func insertSample(tx *store.Tx, engagement string, sm Sample) error {
	_, err := tx.Exec("INSERT INTO engagement_sample (engagement, n, control, check_id, seed, wanted, population, digest, drawn, drawn_by, objects) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		engagement, sm.N, sm.Control, sm.Check, sm.Seed, sm.Size, sm.Population, sm.Digest, store.Time(sm.Drawn), sm.By, text(sm.Objects))
	return err
}

func insertRequest(tx *store.Tx, engagement string, r Request) error {
	_, err := tx.Exec("INSERT INTO engagement_request (engagement, n, control, text, due, asked, asked_by, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		engagement, r.N, r.Control, r.Text, store.Time(r.Due), store.Time(r.Asked), r.By, r.State)
	return err
}

func setRequest(tx *store.Tx, engagement string, r Request) error {
	_, err := tx.Exec("UPDATE engagement_request SET state = ? WHERE engagement = ? AND n = ?", r.State, engagement, r.N)
	return err
}

func insertTurn(tx *store.Tx, engagement string, request, n int, t Turn) error {
	_, err := tx.Exec("INSERT INTO engagement_turn (engagement, request, n, verdict, text, records, export, at, by_name) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		engagement, request, n, t.Verdict, t.Text, text(t.Records), t.Export, store.Time(t.At), t.By)
	return err
}

func putConclusion(tx *store.Tx, engagement string, c Conclusion) error {
	_, err := tx.Exec(`INSERT INTO engagement_conclusion (engagement, control, conclusion, text, at, by_name) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (engagement, control) DO UPDATE SET conclusion = excluded.conclusion, text = excluded.text, at = excluded.at, by_name = excluded.by_name`,
		engagement, c.Control, c.Conclusion, c.Text, store.Time(c.At), c.By)
	return err
}

// heads reads the ids of engagements, newest first, from before the given one.
func (s *Service) heads(ctx context.Context, before string, limit int) (out []string, err error) {
	rows, err := s.DB.Query(ctx, "SELECT id FROM engagement_main WHERE (? = '' OR id < ?) ORDER BY id DESC LIMIT ?", before, before, limit)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, rows.Err()
}
