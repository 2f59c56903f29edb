package records

import (
	"context"
	"slices"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

// Acknowledge notes that the caller has read the record in force. Only who must can, so that the list says something.
func (s *Service) Acknowledge(ctx context.Context, record string, in Step) (Record, error) {
	r, k, err := s.find(ctx, record)
	if err == nil {
		err = s.acknowledge(ctx, &r, k, in)
	}
	return r.Record, s.refused(ctx, r.Kind, "acknowledge", record, err)
}

func (s *Service) acknowledge(ctx context.Context, r *stored, k Kind, in Step) error {
	if r.State != Approved {
		return fleet.Errorf(fleet.CodeConflict, "version %d is %s: only the one in force can be acknowledged", r.Version, r.State)
	}
	acks, err := s.Acks(ctx, r.Record)
	if err != nil {
		return err
	}
	who := caller(ctx)
	at := slices.IndexFunc(acks, func(a Ack) bool { return a.Account == who })
	switch {
	case at < 0:
		return fleet.Errorf(fleet.CodeForbidden, "%s need not acknowledge this record: %s", who, k.readersText())
	case !acks[at].At.IsZero():
		return nil // once is enough, and twice no fault
	}
	return s.change(ctx, in.DryRun, func(tx *store.Tx) error {
		data := map[string]any{"record": r.ID, "kind": r.Kind, "digest": r.Digest, "account": who}
		ev, err := s.record(ctx, tx, "record.acknowledged", r.party(), data)
		if err != nil {
			return err
		}
		n, err := tx.Exec("INSERT INTO records_ack (record, account, at, entry) SELECT id, ?, ?, ? FROM records_record WHERE id = ? AND state = 'approved'", who, store.Time(s.Clock.Now()), ev.ID, r.ID)
		if err == nil && n != 1 {
			err = fleet.Errorf(fleet.CodeConflict, "the record was superseded meanwhile: read the new version")
		}
		if err != nil {
			return err
		}
		tx.OnCommit(func() { s.announce(Live{"acknowledgement", r.ID, r.Kind, r.Object.ID, r.State}) })
		return nil
	})
}

func (k Kind) readersText() string {
	switch k.Readers {
	case Administrators:
		return "the system administrators do"
	case SystemOwners:
		return "the owner of the system does"
	case Named:
		return "those whom it names do"
	case Everyone:
		return "every active person does"
	case NoReaders:
	}
	return "nobody does"
}

// Acks lists everyone who must acknowledge a record, with when they did. Who must is known only now: people come and go.
func (s *Service) Acks(ctx context.Context, r Record) ([]Ack, error) {
	k := s.kinds[r.Kind]
	if k.Readers == NoReaders || r.State != Approved {
		return []Ack{}, nil
	}
	c, err := s.crowd(ctx, k)
	if err != nil {
		return nil, err
	}
	stored, err := readAcks(s.reader(ctx), "WHERE a.record = ?", r.ID)
	if err != nil {
		return nil, err
	}
	given, err := s.vouchAcks(ctx, stored)
	if err != nil {
		return nil, err
	}
	return c.acks(k, r, given[r.ID]), nil
}

// crowd is what says who must acknowledge records of a kind: read once for all of them.
type crowd struct {
	people  []PersonFacts
	systems map[string]string // owner of a system by its id and name
}

func (s *Service) crowd(ctx context.Context, k Kind) (c crowd, err error) {
	if c.people, err = s.World.People(ctx); err != nil || k.Readers != SystemOwners {
		return c, err
	}
	systems, err := s.World.Objects(ctx, System)
	c.systems = make(map[string]string, 2*len(systems))
	for _, o := range systems {
		c.systems[o.ID], c.systems[o.Name] = o.Owner, o.Owner
	}
	return c, err
}

// acks lists who must acknowledge r, with when they did.
func (c crowd) acks(k Kind, r Record, given map[string]Ack) []Ack {
	var out []Ack
	add := func(name string) {
		if name != "" && !slices.ContainsFunc(out, func(a Ack) bool { return a.Account == name }) {
			a := given[name]
			a.Account = name
			out = append(out, a)
		}
	}
	switch k.Readers {
	case Administrators, Everyone:
		out = make([]Ack, 0, len(c.people))
		for _, p := range c.people { // their names are unique
			if p.Active && (k.Readers == Everyone || p.Administrator) {
				a := given[p.Name]
				a.Account = p.Name
				out = append(out, a)
			}
		}
	case SystemOwners:
		if r.Object.Kind == System {
			add(c.systems[r.Object.ID])
		} else {
			add(c.systems[r.Object.System])
		}
	case Named:
		for _, name := range named(k.Form, r.Body, func(f Field) bool { return f.Acknowledges }) {
			add(name)
		}
	case NoReaders:
	}
	return out
}

// named lists the names in the person fields that want chooses, in rows too.
func named(fields []Field, o map[string]any, want func(Field) bool) (out []string) {
	for _, f := range fields {
		switch v := o[f.Name].(type) {
		case string:
			if f.Type == Person && want(f) {
				out = append(out, v)
			}
		case []any:
			for _, e := range v {
				if row, ok := e.(map[string]any); ok && f.Type == Rows {
					out = append(out, named(f.Fields, row, want)...)
				}
			}
		}
	}
	return out
}

// ack is an acknowledgement with the audit entry that proves it.
type ack struct {
	Ack
	entry string
}

// readAcks reads acknowledgements by record and account.
func readAcks(q querier, where string, args ...any) (map[string]map[string]ack, error) {
	rows, err := q("SELECT a.record, a.account, a.at, a.entry FROM records_ack a "+where, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	out := map[string]map[string]ack{}
	for rows.Next() {
		var record string
		var a ack
		var at int64
		if err := rows.Scan(&record, &a.Account, &at, &a.entry); err != nil {
			return nil, err
		}
		a.At = store.FromTime(at)
		if out[record] == nil {
			out[record] = map[string]ack{}
		}
		out[record][a.Account] = a
	}
	return out, rows.Err()
}
