package posture

import (
	"context"
	"slices"

	"github.com/thingward/thingward/server/posture/catalogue"
	"github.com/thingward/thingward/server/store"
)

// ControlMapping is an item of a framework that a control is mapped to.
type ControlMapping struct {
	Framework     string               `json:"framework"`
	FrameworkName string               `json:"frameworkName"`
	Item          string               `json:"item"`
	Name          string               `json:"name"`
	Provenance    catalogue.Provenance `json:"provenance"`
	Relation      catalogue.Relation   `json:"relation,omitempty"`
	Why           string               `json:"why"`
	By            string               `json:"by,omitempty"` // who made it, for an operator's
}

// MappingsOf lists what a control means in every framework, on everybody's word: those that come with the program first.
func (s *Service) MappingsOf(ctx context.Context, id string) ([]ControlMapping, error) {
	c, err := s.find(id)
	if err != nil {
		return nil, err
	}
	var out []ControlMapping
	for _, f := range s.Catalogue.Frameworks {
		for _, m := range s.Catalogue.Mappings(f.ID, c.def.ID) {
			out = append(out, ControlMapping{f.ID, f.Name, m.Item, itemName(f.Items, m.Item), m.Provenance, m.Relation, m.Why, ""})
		}
	}
	own, err := ownMappingsOf(s.reader(ctx), c.def.ID)
	if err != nil {
		return nil, err
	}
	for _, m := range own {
		name, items, err := s.framed(ctx, m.Framework)
		if err != nil {
			return nil, err
		}
		m.FrameworkName, m.Name = name, itemName(items, m.Item)
		out = append(out, m)
	}
	return out, nil
}

// framed is the name and the items of a framework, wherever it comes from.
func (s *Service) framed(ctx context.Context, id string) (string, []catalogue.Item, error) {
	if f, ok := s.Catalogue.Framework(id); ok {
		return f.Name, f.Items, nil
	}
	f, items, _, err := oneImported(s.reader(ctx), id, store.Time(s.Clock.Now()))
	return f.name, items, err
}

func itemName(items []catalogue.Item, id string) string {
	i := slices.IndexFunc(items, func(item catalogue.Item) bool { return item.ID == id })
	if i < 0 {
		return ""
	}
	return items[i].Name
}
