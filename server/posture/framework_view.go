package posture

import (
	"context"
	"slices"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture/catalogue"
	"github.com/thingward/thingward/server/store"
)

// FrameworkSummary is a framework in a list.
type FrameworkSummary struct {
	ID          string                 `json:"id"`
	Name        string                 `json:"name"`
	Summary     string                 `json:"summary"`
	Source      string                 `json:"source"` // the document that its items are from
	Date        string                 `json:"date"`
	Items       int                    `json:"items"`
	Provenances []catalogue.Provenance `json:"provenances"` // who mapped any of its items
	Imported    bool                   `json:"imported"`
	By          string                 `json:"by,omitempty"` // who imported it
	Since       *time.Time             `json:"since,omitempty"`
}

// FrameworkView is a framework with its items rolled up from controls, on one provenance's word.
type FrameworkView struct {
	ID         string                `json:"id"`
	Name       string                `json:"name"`
	Summary    string                `json:"summary"`
	Source     string                `json:"source"`
	Date       string                `json:"date"`
	Imported   bool                  `json:"imported"`
	References []catalogue.Reference `json:"references"`
	Provenance catalogue.Provenance  `json:"provenance"`
	AsOf       *AsOf                 `json:"asOf,omitempty" doc:"Of a past moment: what proves where the controls stood."`
	Mapped     int                   `json:"mapped"`   // items that any control is mapped to
	Unmapped   int                   `json:"unmapped"` // items that say nothing here
	Met        int                   `json:"met"`      // mapped items whose applicable controls all pass
	Items      []ItemView            `json:"items"`
}

// ItemView is one item of a framework. An item without controls is not mapped and is never met.
type ItemView struct {
	catalogue.Item
	Mapped     bool                 `json:"mapped"`
	Counts     map[fleet.Status]int `json:"counts"`
	Passing    int                  `json:"passing"`
	Applicable int                  `json:"applicable"`
	Worst      fleet.Status         `json:"worst,omitempty"`
	Controls   []MarkedMapping      `json:"controls"`
}

// MarkedMapping is a mapping with where its control stands.
type MarkedMapping struct {
	ControlMark
	Relation catalogue.Relation `json:"relation,omitempty"`
	Why      string             `json:"why"`
	By       string             `json:"by,omitempty"` // who made it, for an operator's
	Since    *time.Time         `json:"since,omitempty"`
}

// reader reads what the database holds.
func (s *Service) reader(ctx context.Context) reading { return outside{ctx, s.DB} }

// ListFrameworks lists the frameworks that come with the program, then the imported ones.
func (s *Service) ListFrameworks(ctx context.Context) ([]FrameworkSummary, error) {
	now := store.Time(s.Clock.Now())
	brought, err := importedAt(s.reader(ctx), now)
	if err != nil {
		return nil, err
	}
	mapped, err := mappedFrameworks(s.reader(ctx), now)
	if err != nil {
		return nil, err
	}
	out := []FrameworkSummary{}
	for _, f := range s.Catalogue.Frameworks {
		v := FrameworkSummary{ID: f.ID, Name: f.Name, Summary: f.Summary, Source: f.Edition, Date: f.Date, Items: len(f.Items), Provenances: []catalogue.Provenance{}}
		if len(f.Source) > 0 {
			v.Provenances = append(v.Provenances, catalogue.Source)
		}
		if len(f.Product) > 0 {
			v.Provenances = append(v.Provenances, catalogue.Product)
		}
		out = append(out, v)
	}
	for _, f := range brought {
		since := store.FromTime(f.since)
		out = append(out, FrameworkSummary{
			ID: f.id, Name: f.name, Summary: f.summary, Source: f.edition, Date: f.date, Items: f.items, Provenances: []catalogue.Provenance{}, Imported: true, By: f.who, Since: &since,
		})
	}
	for i := range out {
		if mapped[out[i].ID] > 0 {
			out[i].Provenances = append(out[i].Provenances, catalogue.Operator)
		}
	}
	return out, nil
}

// Framework rolls a framework up on one provenance's word (the operators' own for an imported one and ours otherwise when
// empty), now or at a past time. CodeNotFound when there is, or was, none.
func (s *Service) Framework(ctx context.Context, id string, by catalogue.Provenance, at time.Time) (FrameworkView, error) {
	now := s.Clock.Now()
	if at.After(now) {
		return FrameworkView{}, fleet.Invalid("at", "is still to come: leave it out for now")
	}
	asked := at
	if at.IsZero() {
		at = now
	}
	v, err := s.frameworkHead(ctx, id, at)
	if err != nil {
		return v, err
	}
	if v.Provenance = by; by == "" {
		v.Provenance = catalogue.Product
		if v.Imported {
			v.Provenance = catalogue.Operator
		}
	}
	marks, proof, err := s.marks(ctx, asked)
	if err != nil {
		return v, err
	}
	v.AsOf = proof
	mappings, err := s.mappingsAt(ctx, v, store.Time(at))
	if err != nil {
		return v, err
	}
	for i := range v.Items {
		v.Items[i].roll(mappings[v.Items[i].ID], marks)
		v.count(&v.Items[i])
	}
	return v, nil
}

func (v *FrameworkView) count(item *ItemView) {
	if !item.Mapped {
		v.Unmapped++
		return
	}
	v.Mapped++
	if item.Applicable > 0 && item.Passing == item.Applicable {
		v.Met++
	}
}

// frameworkHead finds a framework of a time and its items, not rolled up.
func (s *Service) frameworkHead(ctx context.Context, id string, at time.Time) (FrameworkView, error) {
	if f, ok := s.Catalogue.Framework(id); ok {
		return FrameworkView{ID: f.ID, Name: f.Name, Summary: f.Summary, Source: f.Edition, Date: f.Date, References: append([]catalogue.Reference{}, f.References...), Items: bare(f.Items)}, nil
	}
	f, items, ok, err := oneImported(s.reader(ctx), id, store.Time(at))
	if err == nil && !ok {
		err = fleet.Errorf(fleet.CodeNotFound, "there is no framework %q then: GET /api/v1/frameworks lists what there is now", clipID(id))
	}
	return FrameworkView{ID: f.id, Name: f.name, Summary: f.summary, Source: f.edition, Date: f.date, Imported: true, References: []catalogue.Reference{}, Items: bare(items)}, err
}

func bare(items []catalogue.Item) []ItemView {
	out := make([]ItemView, 0, len(items))
	for _, item := range items {
		out = append(out, ItemView{Item: item, Counts: map[fleet.Status]int{}, Controls: []MarkedMapping{}})
	}
	return out
}

// marks is where every control stands, or stood at a past time with what proves it.
func (s *Service) marks(ctx context.Context, at time.Time) (map[string]ControlMark, *AsOf, error) {
	out := map[string]ControlMark{}
	if at.IsZero() {
		s.mu.RLock()
		defer s.mu.RUnlock()
		for _, c := range s.controls {
			out[c.def.ID] = ControlMark{ID: c.def.ID, Title: c.def.Title, Status: c.status}
		}
		return out, nil, nil
	}
	past, err := s.Past(ctx, at)
	if err != nil {
		return nil, nil, err
	}
	for _, c := range s.controls {
		status, _, _ := past.Status(c.def.ID)
		out[c.def.ID] = ControlMark{ID: c.def.ID, Title: c.def.Title, Status: status}
	}
	return out, past.asOf(), nil
}

// mappingsAt is what each item is mapped to on the view's provenance.
func (s *Service) mappingsAt(ctx context.Context, v FrameworkView, at int64) (map[string][]own, error) {
	out := map[string][]own{}
	if v.Provenance == catalogue.Operator {
		list, err := ownMappings(s.reader(ctx), v.ID, at)
		for _, m := range list {
			out[m.Item] = append(out[m.Item], m)
		}
		return out, err
	}
	for _, c := range s.Catalogue.Controls() {
		for _, m := range s.Catalogue.Mappings(v.ID, c.ID) {
			if m.Provenance == v.Provenance {
				out[m.Item] = append(out[m.Item], own{Mapping: m})
			}
		}
	}
	return out, nil
}

// roll fills an item from the controls it is mapped to, in the framework's order of controls.
func (v *ItemView) roll(mappings []own, marks map[string]ControlMark) {
	v.Mapped = len(mappings) > 0
	for _, m := range mappings {
		mark, known := marks[m.Control]
		if !known {
			continue
		}
		v.Counts[mark.Status]++
		if mark.Status == fleet.Pass {
			v.Passing++
		}
		if mark.Status != fleet.NotApplicable {
			v.Applicable++
		}
		v.Worst = fleet.Worse(v.Worst, mark.Status)
		v.Controls = append(v.Controls, MarkedMapping{ControlMark: mark, Relation: m.Relation, Why: m.Why, By: m.Who, Since: optional(m.Since)})
	}
}

// clipID makes an identifier from outside fit for a message.
func clipID(id string) string {
	r := []rune(id)
	return string(r[:min(len(r), 64)])
}

// has reports whether the framework has an item.
func (v *FrameworkView) has(item string) bool {
	return slices.ContainsFunc(v.Items, func(i ItemView) bool { return i.ID == item })
}
