package records

import (
	"context"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/store"
)

// track makes an item of each row of the tracked tables of a record that was approved. A row with the title of an item that
// is still open is that item, with the new owner and due date; an open item that the new version does not list stays open.
func (s *Service) track(ctx context.Context, tx *store.Tx, r *stored, k Kind) error {
	open, err := readItems(tx.Query, "WHERE i.kind = ? AND i.object = ? AND i.closed = 0 ORDER BY i.id", r.Kind, r.Object.ID)
	if err != nil {
		return err
	}
	for _, f := range k.Form {
		rows, _ := r.Body[f.Name].([]any)
		if !f.Tracks {
			continue
		}
		for _, v := range rows {
			row, _ := v.(map[string]any)
			if err := s.trackRow(ctx, tx, r, f, row, open); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) trackRow(ctx context.Context, tx *store.Tx, r *stored, f Field, row map[string]any, open []storedItem) error {
	title, _ := row["title"].(string)
	owner, _ := row["owner"].(string)
	due, _ := day(row["due"])
	if !due.IsZero() {
		due = due.Add(oneDay) // the day itself still counts
	}
	for i := range open {
		if it := &open[i]; it.Field == f.Name && strings.EqualFold(it.Title, title) && it.Closed.IsZero() {
			return s.moveItem(ctx, tx, it, owner, due, r.ID)
		}
	}
	it := storedItem{Item: Item{ID: id.New(), Kind: r.Kind, Record: r.ID, Object: r.Object, Field: f.Name, Title: title, Owner: owner, Due: due, Opened: s.Clock.Now()}, etag: 1}
	ev, err := s.record(ctx, tx, "item.opened", it.party(), map[string]any{"item": it.ID, "record": r.ID, "due": due.Format(time.RFC3339), "owner": owner, "field": f.Name, "digest": it.digest()})
	if err != nil {
		return err
	}
	it.entry = ev.ID
	return insertItem(tx, it)
}

func (it *storedItem) party() fleet.Party {
	return fleet.Party{Kind: "item", ID: it.ID, Name: clip(it.Title)}
}

// moveItem gives an item another owner, due date or record.
func (s *Service) moveItem(ctx context.Context, tx *store.Tx, it *storedItem, owner string, due time.Time, record string) error {
	if it.Owner == owner && it.Due.Equal(due) && it.Record == record {
		return nil
	}
	before := map[string]any{"owner": it.Owner, "due": it.Due, "record": it.Record}
	it.Owner, it.Due, it.Record = owner, due, record
	ev, err := s.record(ctx, tx, "item.changed", it.party(), map[string]any{"item": it.ID, "before": before, "after": map[string]any{"owner": owner, "due": due, "record": record}, "digest": it.digest()})
	if err != nil {
		return err
	}
	it.entry = ev.ID
	return updateItem(tx, it)
}

// ItemChange is what may change of an open item.
type ItemChange struct {
	Owner string    `json:"owner,omitempty" doc:"Account name; stays unless given."`
	Due   time.Time `json:"due,omitzero" doc:"When it must be done; stays unless given."`
}

// ChangeItem gives an open item another owner or due date.
func (s *Service) ChangeItem(ctx context.Context, item string, in ItemChange) (Item, error) {
	it, err := s.openItem(ctx, item)
	if err == nil {
		err = s.changeItem(ctx, &it, in)
	}
	return it.Item, s.refused(ctx, it.Kind, "item", it.Record, err)
}

func (s *Service) changeItem(ctx context.Context, it *storedItem, in ItemChange) error {
	if in.Owner == "" {
		in.Owner = it.Owner
	}
	if in.Due.IsZero() {
		in.Due = it.Due
	}
	if in.Owner != it.Owner {
		if err := s.mustBePerson(ctx, "owner", in.Owner); err != nil {
			return err
		}
	}
	if !in.Due.Equal(it.Due) && !in.Due.After(s.Clock.Now()) {
		return fleet.Invalid("due", "has passed: name a time to come")
	}
	if in.Owner == it.Owner && in.Due.Equal(it.Due) {
		return nil
	}
	return s.change(ctx, false, func(tx *store.Tx) error {
		next := *it
		if err := s.moveItem(ctx, tx, &next, in.Owner, in.Due.UTC(), it.Record); err != nil {
			return err
		}
		s.itemTold(tx, next.Item)
		*it = next
		return nil
	})
}

// CloseItem notes that an item is done, and what was done.
func (s *Service) CloseItem(ctx context.Context, item, outcome string) (Item, error) {
	it, err := s.openItem(ctx, item)
	if err == nil {
		err = s.closeItem(ctx, &it, outcome)
	}
	return it.Item, s.refused(ctx, it.Kind, "item", it.Record, err)
}

func (s *Service) closeItem(ctx context.Context, it *storedItem, outcome string) error {
	outcome = strings.TrimSpace(outcome)
	if err := need("outcome", outcome, "say what was done", textMost); err != nil {
		return err
	}
	return s.change(ctx, false, func(tx *store.Tx) error {
		next := *it
		next.Closed, next.ClosedBy, next.Outcome = s.Clock.Now(), caller(ctx), outcome
		ev, err := s.record(ctx, tx, "item.closed", it.party(), map[string]any{"item": it.ID, "reason": outcome, "record": it.Record, "digest": next.digest()})
		if err != nil {
			return err
		}
		next.entry = ev.ID
		if err := updateItem(tx, &next); err != nil {
			return err
		}
		s.itemTold(tx, next.Item)
		*it = next
		return nil
	})
}

func (s *Service) itemTold(tx *store.Tx, it Item) {
	tx.OnCommit(func() { s.announce(Live{What: "item", ID: it.ID, Kind: it.Kind, Object: it.Object.ID}) })
}

func (s *Service) openItem(ctx context.Context, item string) (storedItem, error) {
	var all []storedItem
	var err error
	if id.Valid(item) {
		all, err = readItems(s.reader(ctx), "WHERE i.id = ?", item)
	}
	if err == nil {
		err = s.vouchItems(ctx, all)
	}
	if err == nil && len(all) == 0 {
		all, err = s.lostItems(ctx, func(it storedItem) bool { return it.ID == item })
	}
	if len(all) > 0 && all[0].Altered != "" { // whoever closed it was not here: it is open until somebody says anew
		all[0].Closed, all[0].ClosedBy, all[0].Outcome, all[0].Altered = time.Time{}, "", "", ""
	}
	switch {
	case err != nil:
		return storedItem{}, err
	case len(all) == 0:
		return storedItem{}, fleet.Errorf(fleet.CodeNotFound, "there is no item %s: list them (thingward item list)", quoted(item))
	case !all[0].Closed.IsZero():
		return all[0], fleet.Errorf(fleet.CodeConflict, "the item is closed since %s: what is still to be done belongs into a new version of its record", all[0].Closed.Format(time.DateOnly))
	}
	return all[0], nil
}

// mustBePerson refuses a name that is no active person's.
func (s *Service) mustBePerson(ctx context.Context, path, name string) error {
	people, err := s.World.People(ctx)
	if err != nil {
		return err
	}
	sc := &scene{people: map[string]PersonFacts{}}
	for _, p := range people {
		sc.people[p.Name] = p
	}
	if f := sc.person(name, path); f != nil {
		return fleet.Invalid(f.Path, f.Message)
	}
	return nil
}
