package records

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/api"
	"github.com/thingward/thingward/server/store"
)

// Served is a control that records of a kind answer.
type Served struct {
	Control    string `json:"control"`
	Obligation string `json:"obligation"`
	Title      string `json:"title"`
}

// DutyState is how a duty stands.
type DutyState string

// The states of duties.
const (
	Current  DutyState = "current"
	Expiring DutyState = "expiring" // ends within 30 days
	Expired  DutyState = "expired"
	Missing  DutyState = "missing"
	Waiting  DutyState = "waiting" // for approval, and none is in force
	Changed  DutyState = "altered" // what is stored is not what was approved
	NotOwed  DutyState = "not-owed"
)

const soon = 30 * 24 * time.Hour

// State is how the duty stands at a time.
func (d *Duty) State(now time.Time) DutyState {
	switch r := d.InForce; {
	case !d.Owes:
		return NotOwed
	case d.Removed != "":
		return Changed
	case r == nil && d.Newest != nil && d.Newest.State == Submitted:
		return Waiting
	case r == nil:
		return Missing
	case r.Altered != "" || slices.ContainsFunc(d.Items, func(it Item) bool { return it.Altered != "" }):
		return Changed
	case d.Expired(now):
		return Expired
	case !r.Expires.IsZero() && !now.Add(soon).Before(r.Expires):
		return Expiring
	}
	return Current
}

// Owed is a duty in short, as lists show it.
type Owed struct {
	Kind     string      `json:"kind"`
	Title    string      `json:"title"`
	Object   Object      `json:"object"`
	State    DutyState   `json:"state"`
	Why      string      `json:"why,omitempty"` // it is not owed, or what of it was removed
	Owner    string      `json:"owner,omitempty"`
	Record   *OwedRecord `json:"record,omitempty"`
	Controls []string    `json:"controls"`
}

// OwedRecord is the record in force, or where none is the newest.
type OwedRecord struct {
	ID      string    `json:"id"`
	Version int       `json:"version"`
	State   State     `json:"state"`
	Expires time.Time `json:"expires,omitzero"`
}

func (s *Service) owed(k Kind, d *Duty, now time.Time) Owed {
	o := Owed{Kind: k.Name, Title: k.Title, Object: d.Object, State: d.State(now), Why: d.Why, Owner: d.Object.Owner, Controls: []string{}}
	o.Object.Facts = nil
	if d.Owes && d.Removed != "" {
		o.Why = d.Removed
	}
	r := d.InForce
	if r == nil {
		r = d.Newest
	}
	if r != nil {
		o.Owner, o.Record = r.Owner, &OwedRecord{r.ID, r.Version, r.State, r.Expires}
	}
	for _, v := range s.Serves[k.Name] {
		if !slices.Contains(o.Controls, v.Control) {
			o.Controls = append(o.Controls, v.Control)
		}
	}
	return o
}

// DutyFilter narrows a list of duties; empty fields do not.
type DutyFilter struct {
	Kind, About, State, System, Site, Owner, Query string
	Limit                                          int
	After                                          string
}

func (f DutyFilter) wants(o Owed) bool {
	q := strings.ToLower(f.Query)
	return (f.State == "" && o.State != NotOwed || f.State == string(o.State)) && (f.System == "" || f.System == o.Object.System || f.System == o.Object.ID || o.Object.Kind == System && f.System == o.Object.Name) &&
		(f.Site == "" || f.Site == o.Object.Site || o.Object.Kind == Site && (f.Site == o.Object.ID || f.Site == o.Object.Name)) && (f.Owner == "" || f.Owner == o.Owner) &&
		(q == "" || strings.Contains(strings.ToLower(o.Title+" "+o.Kind+" "+o.Object.Name), q))
}

// ListDuties lists duties by kind and object. Without a state, those that are not owed are left out.
func (s *Service) ListDuties(ctx context.Context, f DutyFilter) (page api.Page[Owed], err error) {
	keys, ok, err := api.ParseCursor(f.After, 2)
	if err != nil {
		return page, err
	}
	page.Items = []Owed{}
	now := s.Clock.Now()
	for _, k := range s.Kinds {
		if f.Kind != "" && f.Kind != k.Name || f.About != "" && f.About != string(k.About) {
			continue
		}
		after := ""
		if ok && keys[0] != k.Name {
			continue
		}
		if ok {
			after, ok = keys[1], false
		}
		err := s.duties(ctx, k, after, f.Limit+1, func(d *Duty) error {
			o := s.owed(k, d, now)
			switch {
			case !f.wants(o):
			case len(page.Items) == f.Limit:
				return errEnough
			default:
				page.Items = append(page.Items, o)
			}
			return nil
		})
		if err == errEnough { //nolint:errorlint // our own, never wrapped
			last := page.Items[len(page.Items)-1]
			page.Next = api.Cursor(last.Kind, last.Object.ID)
			return page, nil
		}
		if err != nil {
			return page, err
		}
	}
	return page, nil
}

// DutySummary counts duties by state.
type DutySummary struct {
	Counts map[DutyState]int `json:"counts"`
	Kinds  []KindSummary     `json:"kinds"`
	Items  ItemSummary       `json:"items"`
}

// KindSummary counts the duties of one kind.
type KindSummary struct {
	Kind   string            `json:"kind"`
	Title  string            `json:"title"`
	About  About             `json:"about"`
	Counts map[DutyState]int `json:"counts"`
	Next   time.Time         `json:"next,omitzero"` // the next end of a record in force
}

// ItemSummary counts items.
type ItemSummary struct {
	Open    int `json:"open"`
	Overdue int `json:"overdue"`
}

// SummarizeDuties counts all duties.
func (s *Service) SummarizeDuties(ctx context.Context) (DutySummary, error) {
	out := DutySummary{Counts: map[DutyState]int{}, Kinds: []KindSummary{}}
	now := s.Clock.Now()
	for _, k := range s.Kinds {
		sum := KindSummary{Kind: k.Name, Title: k.Title, About: k.About, Counts: map[DutyState]int{}}
		err := s.duties(ctx, k, "", dutyChunk, func(d *Duty) error {
			state := d.State(now)
			sum.Counts[state]++
			out.Counts[state]++
			if (state == Current || state == Expiring) && (sum.Next.IsZero() || d.InForce.Expires.Before(sum.Next)) {
				sum.Next = d.InForce.Expires
			}
			return nil
		})
		if err != nil {
			return out, err
		}
		out.Kinds = append(out.Kinds, sum)
	}
	err := s.DB.QueryRow(ctx, "SELECT count(*), coalesce(sum(CASE WHEN due <= ? THEN 1 ELSE 0 END), 0) FROM records_item WHERE closed = 0", store.Time(now)).Scan(&out.Items.Open, &out.Items.Overdue)
	return out, err
}

// Due is a day in the calendar: a record that ends, or an item that must be done.
type Due struct {
	At     time.Time `json:"at"`
	What   string    `json:"what" enum:"record,item"`
	Kind   string    `json:"kind"`
	Title  string    `json:"title"`
	Object Object    `json:"object"`
	Owner  string    `json:"owner"`
	ID     string    `json:"id"`
	State  string    `json:"state"` // of a record as duties have it; of an item open or overdue
}

const (
	calendarMost = 5000
	calendarSpan = 5 * 366 * 24 * time.Hour
)

// Calendar lists what ends or is due from one time to another (exclusive), soonest first.
func (s *Service) Calendar(ctx context.Context, from, to time.Time) ([]Due, error) {
	now := s.Clock.Now()
	if from.IsZero() {
		from = now
	}
	if to.IsZero() {
		to = from.AddDate(0, 0, 90)
	}
	if !to.After(from) || to.Sub(from) > calendarSpan {
		return nil, fleet.Invalid("to", "want a time after from, at most five years later")
	}
	records, err := readRecords(s.reader(ctx), "WHERE r.state = 'approved' AND r.expires >= ? AND r.expires < ? ORDER BY r.expires, r.id LIMIT ?", store.Time(from), store.Time(to), calendarMost)
	if err != nil {
		return nil, err
	}
	items, err := readItems(s.reader(ctx), "WHERE i.closed = 0 AND i.due >= ? AND i.due < ? ORDER BY i.due, i.id LIMIT ?", store.Time(from), store.Time(to), calendarMost)
	if err != nil {
		return nil, err
	}
	out := []Due{}
	for i := range records {
		r := &records[i].Record
		d := &Duty{Owes: true, InForce: r}
		out = append(out, Due{r.Expires, "record", r.Kind, s.title(r.Kind), r.Object, r.Owner, r.ID, string(d.State(now))})
	}
	for _, it := range items {
		out = append(out, Due{it.Due, "item", it.Kind, it.Title, it.Object, it.Owner, it.ID, itemState(it.Item, now)})
	}
	slices.SortStableFunc(out, func(a, b Due) int { return cmp.Or(a.At.Compare(b.At), strings.Compare(a.ID, b.ID)) })
	return out[:min(len(out), calendarMost)], nil
}

func itemState(it Item, now time.Time) string {
	switch {
	case !it.Closed.IsZero():
		return "closed"
	case !now.Before(it.Due):
		return "overdue"
	}
	return "open"
}

func (s *Service) title(kind string) string {
	if k, ok := s.kinds[kind]; ok {
		return k.Title
	}
	return kind
}
