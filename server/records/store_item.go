package records

import (
	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

// storedItem is an item with its version.
type storedItem struct {
	Item
	etag  int64
	entry string // the audit entry that says what it holds
}

const itemColumns = "i.id, i.kind, i.record, i.about, i.object, i.object_name, i.system, i.site, i.field, i.title, i.owner, i.due, i.opened, i.closed, i.closed_by, i.outcome, i.etag, i.entry"

func readItems(q querier, where string, args ...any) (out []storedItem, err error) {
	rows, err := q("SELECT "+itemColumns+" FROM records_item i "+where, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var it storedItem
		var due, opened, closed int64
		if err := rows.Scan(&it.ID, &it.Kind, &it.Record, &it.Object.Kind, &it.Object.ID, &it.Object.Name, &it.Object.System, &it.Object.Site,
			&it.Field, &it.Title, &it.Owner, &due, &opened, &closed, &it.ClosedBy, &it.Outcome, &it.etag, &it.entry); err != nil {
			return nil, err
		}
		it.Due, it.Opened, it.Closed = store.FromTime(due), store.FromTime(opened), store.FromTime(closed)
		out = append(out, it)
	}
	return out, rows.Err()
}

func insertItem(tx *store.Tx, it storedItem) error {
	_, err := tx.Exec("INSERT INTO records_item (id, kind, record, about, object, object_name, system, site, field, title, owner, due, opened, closed, closed_by, outcome, etag, entry) VALUES ("+marks(18)+")",
		it.ID, it.Kind, it.Record, string(it.Object.Kind), it.Object.ID, it.Object.Name, it.Object.System, it.Object.Site, it.Field, it.Title, it.Owner,
		store.Time(it.Due), store.Time(it.Opened), store.Time(it.Closed), it.ClosedBy, it.Outcome, it.etag, it.entry)
	return err
}

// updateItem writes an item back if nobody changed it since it was read; one that was removed is put back.
func updateItem(tx *store.Tx, it *storedItem) error {
	if it.etag == 0 {
		it.etag = 1
		return insertItem(tx, *it)
	}
	n, err := tx.Exec("UPDATE records_item SET record = ?, owner = ?, due = ?, closed = ?, closed_by = ?, outcome = ?, etag = ?, entry = ? WHERE id = ? AND etag = ?",
		it.Record, it.Owner, store.Time(it.Due), store.Time(it.Closed), it.ClosedBy, it.Outcome, it.etag+1, it.entry, it.ID, it.etag)
	if err == nil && n != 1 {
		return fleet.Errorf(fleet.CodeConflict, "the item was changed by someone else meanwhile: read it again and repeat your step")
	}
	it.etag++
	return err
}
