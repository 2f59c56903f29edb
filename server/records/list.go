package records

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/api"
	"github.com/thingward/thingward/server/store"
)

// Listed is a record in a list: without its form.
type Listed struct {
	ID        string    `json:"id"`
	Kind      string    `json:"kind"`
	Title     string    `json:"title"` // of its kind
	Object    Object    `json:"object"`
	Version   int       `json:"version"`
	State     State     `json:"state"`
	Owner     string    `json:"owner"`
	Author    string    `json:"author,omitempty"`
	Approver  string    `json:"approver,omitempty"`
	Files     int       `json:"files"`
	Performed time.Time `json:"performed,omitzero"`
	Effective time.Time `json:"effective,omitzero"`
	Expires   time.Time `json:"expires,omitzero"`
	Expired   bool      `json:"expired"`
	Created   time.Time `json:"created"`
	Changed   time.Time `json:"changed"`
	Reason    string    `json:"reason,omitempty"`
	Digest    string    `json:"digest,omitempty"`
	Altered   string    `json:"altered,omitempty"`
}

func (s *Service) listed(r Record, now time.Time) Listed {
	return Listed{
		ID: r.ID, Kind: r.Kind, Title: s.title(r.Kind), Object: r.Object, Version: r.Version, State: r.State, Owner: r.Owner, Author: r.Author, Approver: r.Approver,
		Files: len(r.Evidence), Performed: r.Performed, Effective: r.Effective, Expires: r.Expires, Expired: r.State == Approved && !now.Before(r.Expires),
		Created: r.Created, Changed: r.Changed, Reason: r.Reason, Digest: r.Digest, Altered: r.Altered,
	}
}

// Filter narrows a list of records; empty fields do not.
type Filter struct {
	Kind, State, Object, System, Site, Owner, Query string
	Expiring                                        int // days: in force and ending within them, or ended
	Sort                                            string
	Limit                                           int
	After                                           string
}

// orders are the columns by which records may be sorted.
var orders = map[string]string{"changed": "r.changed", "created": "r.created", "expires": "r.expires"}

// List lists records, newest change first unless f.Sort says otherwise.
func (s *Service) List(ctx context.Context, f Filter) (api.Page[Listed], error) {
	var page api.Page[Listed]
	where, args, column, down, err := s.filter(f)
	if err != nil {
		return page, err
	}
	var total int
	if err := s.DB.QueryRow(ctx, "SELECT count(*) FROM records_record r"+first(whereText(where)), args...).Scan(&total); err != nil {
		return page, err
	}
	beyond, err := beyondCursor(f.After, f.Sort, column, down)
	if err != nil {
		return page, err
	}
	text, args := whereText(append(where, beyond))
	order := " ORDER BY " + column + ", r.id LIMIT ?"
	if down {
		order = " ORDER BY " + column + " DESC, r.id DESC LIMIT ?"
	}
	all, err := readRecords(s.reader(ctx), text+order, append(args, f.Limit+1)...)
	if err != nil {
		return page, err
	}
	if err := s.compareAndTell(ctx, all); err != nil {
		return page, err
	}
	now := s.Clock.Now()
	items := make([]Listed, len(all))
	for i, r := range all {
		items[i] = s.listed(r.Record, now)
	}
	return api.NewList(items, f.Limit, &total, func(l Listed) string {
		at := map[string]time.Time{"r.changed": l.Changed, "r.created": l.Created, "r.expires": l.Expires}[column]
		return api.Cursor(f.Sort, strconv.FormatInt(store.Time(at), 10), l.ID)
	}).Body, nil
}

func first(text string, _ []any) string { return text }

func (s *Service) filter(f Filter) (where []clause, args []any, column string, down bool, err error) {
	name, down := strings.CutPrefix(f.Sort, "-")
	if f.Sort == "" {
		name, down = "changed", true
	}
	column, ok := orders[name]
	if !ok {
		return nil, nil, "", false, fleet.Invalid("sort", fmt.Sprintf("%q is no order of this list: want changed, created or expires, with - before it for the other way round", clip(f.Sort)))
	}
	words, err := contains(f.Query, "r.object_name", "r.kind", "r.body")
	where = []clause{equals("r.kind", f.Kind), equals("r.state", f.State), equals("r.system", f.System), equals("r.site", f.Site), equals("r.owner", f.Owner), words}
	if f.Object != "" {
		where = append(where, clause{"(r.object = ? OR r.object_name = ?)", []any{f.Object, f.Object}})
	}
	if f.Expiring > 0 {
		where = append(where, clause{"r.state = 'approved' AND r.expires <= ?", []any{store.Time(s.Clock.Now().AddDate(0, 0, f.Expiring))}})
	}
	_, args = whereText(where)
	return where, args, column, down, err
}

func beyondCursor(after, sort, column string, down bool) (clause, error) {
	keys, ok, err := api.ParseCursor(after, 3)
	if err != nil || !ok {
		return clause{}, err
	}
	at, err := strconv.ParseInt(keys[1], 10, 64)
	if err != nil || keys[0] != sort {
		return clause{}, fleet.Invalid("after", "is no cursor of this list: leave it out to begin at the first page")
	}
	if err := line("after", keys[2], nameMost); err != nil {
		return clause{}, err
	}
	sign := ">"
	if down {
		sign = "<"
	}
	return clause{"(" + column + ", r.id) " + sign + " (?, ?)", []any{at, keys[2]}}, nil
}

// Detail is a record with what belongs to it.
type Detail struct {
	Record
	Title    string   `json:"title"` // of its kind
	Expired  bool     `json:"expired"`
	Acks     []Ack    `json:"acks"`
	Items    []Item   `json:"items"`
	Versions []Listed `json:"versions"`         // of this kind and object, newest first: the last hundred and this one
	Faults   []Fault  `json:"faults,omitempty"` // of a draft, a rejected or a submitted record: what keeps it from counting
	Ends     *Ends    `json:"ends,omitempty"`   // of the same: how long it would count if it were approved now
}

// Ends says how long a record would count.
type Ends struct {
	Expires time.Time `json:"expires"`
}

const versionsShown = 100

// Get reads a record with what belongs to it.
func (s *Service) Get(ctx context.Context, record string) (Detail, error) {
	r, err := findRecord(s.reader(ctx), record)
	if err != nil {
		return Detail{}, err
	}
	all, err := readRecords(s.reader(ctx), "WHERE r.kind = ? AND r.object = ? AND (r.version = ? OR r.version > (SELECT max(n.version) FROM records_record n WHERE n.kind = r.kind AND n.object = r.object) - ?) ORDER BY r.version DESC",
		r.Kind, r.Object.ID, r.Version, versionsShown)
	if err != nil {
		return Detail{}, err
	}
	if err := s.compareAndTell(ctx, all); err != nil {
		return Detail{}, err
	}
	if i := slices.IndexFunc(all, func(o stored) bool { return o.ID == r.ID }); i >= 0 {
		r = all[i]
	}
	now := s.Clock.Now()
	d := Detail{Record: r.Record, Title: s.title(r.Kind), Expired: r.State == Approved && !now.Before(r.Expires), Items: []Item{}}
	for _, v := range all {
		d.Versions = append(d.Versions, s.listed(v.Record, now))
	}
	items, err := readItems(s.reader(ctx), "WHERE i.kind = ? AND i.object = ? ORDER BY i.id", r.Kind, r.Object.ID)
	if err != nil {
		return d, err
	}
	if err := s.vouchItems(ctx, items); err != nil {
		return d, err
	}
	for _, it := range items {
		d.Items = append(d.Items, it.Item)
	}
	if d.Acks, err = s.Acks(ctx, r.Record); err != nil {
		return d, err
	}
	return d, s.foresee(ctx, &d, r, now)
}

// foresee adds what an open record still lacks, and how long it would count.
func (s *Service) foresee(ctx context.Context, d *Detail, r stored, now time.Time) error {
	k, known := s.kinds[r.Kind]
	if !known || r.State != Draft && r.State != Rejected && r.State != Submitted {
		return nil
	}
	faults, err := s.check(ctx, r, k)
	if fleet.CodeOf(err) == fleet.CodeInvalid { // what it is about is gone
		faults, err = faultsOf(err), nil
	}
	d.Faults, d.Ends = faults, &Ends{k.Ends(r.Body, now)}
	return err
}

// ItemFilter narrows a list of items; empty fields do not.
type ItemFilter struct {
	State, Owner, Kind string
	Overdue            bool
	Limit              int
	After              string
}

// ListItems lists items, those due soonest first.
func (s *Service) ListItems(ctx context.Context, f ItemFilter) (api.Page[Item], error) {
	where := []clause{equals("i.owner", f.Owner), equals("i.kind", f.Kind)}
	switch f.State {
	case "open":
		where = append(where, clause{sql: "i.closed = 0"})
	case "closed":
		where = append(where, clause{sql: "i.closed <> 0"})
	}
	if f.Overdue {
		where = append(where, clause{"i.closed = 0 AND i.due <= ?", []any{store.Time(s.Clock.Now())}})
	}
	var total int
	text, args := whereText(where)
	if err := s.DB.QueryRow(ctx, "SELECT count(*) FROM records_item i"+text, args...).Scan(&total); err != nil {
		return api.Page[Item]{}, err
	}
	keys, ok, err := api.ParseCursor(f.After, 2)
	if err != nil {
		return api.Page[Item]{}, err
	}
	if ok {
		at, err := strconv.ParseInt(keys[0], 10, 64)
		if err != nil || line("after", keys[1], nameMost) != nil {
			return api.Page[Item]{}, fleet.Invalid("after", "is no cursor of this list: leave it out to begin at the first page")
		}
		where = append(where, clause{"(i.due, i.id) > (?, ?)", []any{at, keys[1]}})
	}
	text, args = whereText(where)
	all, err := readItems(s.reader(ctx), text+" ORDER BY i.due, i.id LIMIT ?", append(args, f.Limit+1)...)
	if err != nil {
		return api.Page[Item]{}, err
	}
	err = s.vouchItems(ctx, all)
	items := make([]Item, len(all))
	for i, it := range all {
		items[i] = it.Item
	}
	page := api.NewList(items, f.Limit, &total, func(it Item) string { return api.Cursor(strconv.FormatInt(store.Time(it.Due), 10), it.ID) }).Body
	if err != nil || page.Next != "" || f.State == "closed" {
		return page, err
	}
	lost, err := s.lostItems(ctx, func(it storedItem) bool {
		return (f.Owner == "" || f.Owner == it.Owner) && (f.Kind == "" || f.Kind == it.Kind) && (!f.Overdue || !it.Due.After(s.Clock.Now()))
	})
	for _, it := range lost { // behind the last page: they have no place among the others
		page.Items, total = append(page.Items, it.Item), total+1
	}
	return page, err
}

// EntryFilter narrows a list of the register; empty fields do not.
type EntryFilter struct {
	Kind, System, Site, Owner, Query string
	Retired                          bool // those too
	Limit                            int
	After                            string
}

// ListEntries lists the register by kind and name.
func (s *Service) ListEntries(ctx context.Context, f EntryFilter) (api.Page[Entry], error) {
	words, err := contains(f.Query, "e.name", "e.facts")
	if err != nil {
		return api.Page[Entry]{}, err
	}
	where := []clause{equals("e.kind", f.Kind), equals("e.system", f.System), equals("e.site", f.Site), equals("e.owner", f.Owner), words}
	if !f.Retired {
		where = append(where, clause{sql: "e.retired = 0"})
	}
	var total int
	text, args := whereText(where)
	if err := s.DB.QueryRow(ctx, "SELECT count(*) FROM records_register e"+text, args...).Scan(&total); err != nil {
		return api.Page[Entry]{}, err
	}
	keys, ok, err := api.ParseCursor(f.After, 3)
	if err != nil {
		return api.Page[Entry]{}, err
	}
	if ok {
		for _, k := range keys {
			if err := line("after", k, proseMost); err != nil {
				return api.Page[Entry]{}, err
			}
		}
		where = append(where, clause{"(e.kind, e.name, e.id) > (?, ?, ?)", []any{keys[0], keys[1], keys[2]}})
	}
	text, args = whereText(where)
	all, err := s.readEntries(ctx, text+" ORDER BY e.kind, e.name, e.id LIMIT ?", append(args, f.Limit+1)...)
	page := api.NewList(all, f.Limit, &total, func(e Entry) string { return api.Cursor(string(e.Kind), e.Name, e.ID) }).Body
	if err != nil || page.Next != "" {
		return page, err
	}
	lost, err := s.lostEntriesLike(ctx, f)
	page.Items, total = append(page.Items, lost...), total+len(lost)
	return page, err
}
