package records

import (
	"context"
	"encoding/json"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

const entryColumns = "e.id, e.kind, e.name, e.system, e.site, e.owner, e.facts, e.created, e.changed, e.retired, e.reason, e.etag, e.entry"

func readEntries(q querier, where string, args ...any) (out []Entry, err error) {
	rows, err := q("SELECT "+entryColumns+" FROM records_register e"+where, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var e Entry
		var facts string
		var created, changed, retired int64
		if err := rows.Scan(&e.ID, &e.Kind, &e.Name, &e.System, &e.Site, &e.Owner, &facts, &created, &changed, &retired, &e.Reason, &e.ETag, &e.entry); err != nil {
			return nil, err
		}
		if json.Unmarshal([]byte(facts), &e.Facts) != nil || e.Facts == nil {
			e.Facts = Body{} // an entry whose facts were altered into no JSON says nothing: kinds then take the stricter side
		}
		e.Created, e.Changed, e.Retired = store.FromTime(created), store.FromTime(changed), store.FromTime(retired)
		out = append(out, e)
	}
	return out, rows.Err()
}

// readEntries is readEntries with what the audit log says of them.
func (s *Service) readEntries(ctx context.Context, where string, args ...any) ([]Entry, error) {
	all, err := readEntries(s.reader(ctx), where, args...)
	if err != nil {
		return nil, err
	}
	return all, s.vouchEntries(ctx, all)
}

func insertEntry(tx *store.Tx, e Entry) error {
	facts, err := encode(e.Facts)
	if err != nil {
		return err
	}
	_, err = tx.Exec("INSERT INTO records_register (id, kind, name, system, site, owner, facts, created, changed, retired, reason, etag, entry) VALUES ("+marks(13)+")",
		e.ID, string(e.Kind), e.Name, e.System, e.Site, e.Owner, facts, store.Time(e.Created), store.Time(e.Changed), store.Time(e.Retired), e.Reason, e.ETag, e.entry)
	return entryTaken(err, e)
}

// updateEntry writes an entry back if nobody changed it since it was read; one that was removed is put back.
func updateEntry(tx *store.Tx, e *Entry) error {
	if e.ETag == 0 {
		e.ETag = 1
		return insertEntry(tx, *e)
	}
	facts, err := encode(e.Facts)
	if err != nil {
		return err
	}
	n, err := tx.Exec("UPDATE records_register SET name = ?, system = ?, site = ?, owner = ?, facts = ?, changed = ?, retired = ?, reason = ?, etag = ?, entry = ? WHERE id = ? AND etag = ?",
		e.Name, e.System, e.Site, e.Owner, facts, store.Time(e.Changed), store.Time(e.Retired), e.Reason, e.ETag+1, e.entry, e.ID, e.ETag)
	if err == nil && n != 1 {
		return fleet.Errorf(fleet.CodeConflict, "the entry was changed by someone else meanwhile: read it again and repeat your change")
	}
	e.ETag++
	return entryTaken(err, *e)
}

func entryTaken(err error, e Entry) error {
	if store.IsUnique(err) {
		return fleet.Errorf(fleet.CodeConflict, "the register has a %s %s already: choose another name", e.Kind, quoted(e.Name))
	}
	return err
}
