package catalogue

// Provenance says whose judgement a mapping is. The two are never mixed in one
// figure: every export and report states which one it uses.
type Provenance string

// The provenances that the catalogue ships. Operators' own mappings are kept
// with their records, not here.
const (
	// Source is the framework's own mapping, made for whole domains.
	Source Provenance = "source"
	// Product is Thingward's mapping, made for single controls.
	Product Provenance = "product"
)

// Relation says how a control relates to an item, where that can be said more
// exactly than that it bears on it.
type Relation string

// The relations; the empty one claims nothing beyond bearing on the item.
const (
	BearsOn    Relation = ""
	Equal      Relation = "equal"      // control and item ask the same
	Subset     Relation = "subset"     // all that the control asks lies inside the item
	Intersects Relation = "intersects" // one part of what the control asks lies inside the item
)

// Framework is another framework, its items and their mapping to controls.
type Framework struct {
	ID      string         `yaml:"id" json:"id"`
	Name    string         `yaml:"name" json:"name"`
	Summary string         `yaml:"summary" json:"summary"`
	Items   []Item         `yaml:"items" json:"items"`
	Source  []DomainItems  `yaml:"source" json:"source"`
	Product []ItemControls `yaml:"product" json:"product"`
}

// Item is one entry of a framework, such as I8 of the OWASP IoT Top 10.
type Item struct {
	ID          string `yaml:"id" json:"id"`
	Name        string `yaml:"name" json:"name"`
	Description string `yaml:"description" json:"description"`
}

// DomainItems lists the items that the source maps a whole domain to. An empty
// list is the source's "not applicable".
type DomainItems struct {
	Domain string   `yaml:"domain" json:"domain"`
	Items  []string `yaml:"items" json:"items"`
}

// ItemControls lists the controls that the product maps to one item.
type ItemControls struct {
	Item     string       `yaml:"item" json:"item"`
	Controls []ControlWhy `yaml:"controls" json:"controls"`
}

// ControlWhy is one control under an item, with the reason in a few words.
type ControlWhy struct {
	Control  string   `yaml:"control" json:"control"`
	Relation Relation `yaml:"relation" json:"relation,omitempty"`
	Why      string   `yaml:"why" json:"why"`
}

// Mapping ties a control to an item, and says on whose word.
type Mapping struct {
	Control    string     `json:"control"`
	Item       string     `json:"item"`
	Relation   Relation   `json:"relation,omitempty"`
	Why        string     `json:"why"`
	Provenance Provenance `json:"provenance"`
}

// sourceWhy is the reason given for every mapping with provenance source: the
// framework states none, and it maps whole domains.
const sourceWhy = "the framework maps the whole domain"

// Framework returns the framework with that identifier, and whether there is one.
func (c *Catalogue) Framework(id string) (Framework, bool) {
	for _, f := range c.Frameworks {
		if f.ID == id {
			return f, true
		}
	}
	return Framework{}, false
}

// Mappings returns how a framework's items relate to a control: first with
// provenance source, then product, each in the order of the items. The control
// is named by identifier or key; an unknown one has no mappings.
func (c *Catalogue) Mappings(framework, control string) []Mapping {
	found, ok := c.Control(control)
	if !ok {
		return nil
	}
	return c.mappings[framework][found.ID]
}

// OWASP returns how the OWASP IoT Top 10 of 2018 relates to a control.
func (c *Catalogue) OWASP(control string) []Mapping { return c.Mappings(OWASPID, control) }

// Under returns the mappings of one item with one provenance, in the order of
// the controls. A roll-up of an item reads it.
func (c *Catalogue) Under(framework, item string, provenance Provenance) []Mapping {
	var under []Mapping
	for _, control := range c.Controls() {
		for _, m := range c.mappings[framework][control.ID] {
			if m.Item == item && m.Provenance == provenance {
				under = append(under, m)
			}
		}
	}
	return under
}

// index turns the framework's two lists into mappings by control, ordered by
// provenance and then by item.
func (f Framework) index(domains []Domain) map[string][]Mapping {
	byControl := map[string][]Mapping{}
	items := map[string][]string{}
	for _, d := range f.Source {
		items[d.Domain] = d.Items
	}
	for _, d := range domains {
		for _, control := range d.Controls {
			for _, item := range items[d.ID] {
				byControl[control.ID] = append(byControl[control.ID],
					Mapping{Control: control.ID, Item: item, Why: sourceWhy, Provenance: Source})
			}
		}
	}
	for _, group := range f.Product {
		for _, w := range group.Controls {
			byControl[w.Control] = append(byControl[w.Control],
				Mapping{Control: w.Control, Item: group.Item, Relation: w.Relation, Why: w.Why, Provenance: Product})
		}
	}
	return byControl
}
