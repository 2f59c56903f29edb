package catalogue

// Provenance says whose judgement a mapping is. They are never mixed in one
// figure: every export and report states which one it uses.
type Provenance string

// The provenances. The catalogue ships the first two; operators' own mappings
// are kept in the database.
const (
	// Source is the framework's own mapping, made for whole domains.
	Source Provenance = "source"
	// Product is Thingward's mapping, made for single controls.
	Product Provenance = "product"
	// Operator is the mapping of the people who run the installation.
	Operator Provenance = "operator"
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
	ID         string         `yaml:"id" json:"id"`
	Name       string         `yaml:"name" json:"name"`
	Summary    string         `yaml:"summary" json:"summary"`
	Edition    string         `yaml:"edition" json:"edition"`       // the document that the items are from
	Date       string         `yaml:"date" json:"date"`             // of that edition: year, month and day as far as known
	References []Reference    `yaml:"references" json:"references"` // public places where its items can be read
	Items      []Item         `yaml:"items" json:"items"`
	Source     []DomainItems  `yaml:"source" json:"source"` // empty: the framework has no mapping of its own
	Product    []ItemControls `yaml:"product" json:"product"`
}

// Reference is a public text that shows what an item asks, and when we read it.
type Reference struct {
	Key   string `yaml:"key" json:"key"`
	Title string `yaml:"title" json:"title"`
	Date  string `yaml:"date" json:"date"` // of the text; empty where it states none
	Read  string `yaml:"read" json:"read"` // when we read it
	URL   string `yaml:"url" json:"url"`
}

// Item is one entry of a framework, such as I8 of the OWASP IoT Top 10. Its
// identifier is the framework's, its name and description are ours.
type Item struct {
	ID          string   `yaml:"id" json:"id"`
	Group       string   `yaml:"group" json:"group,omitempty"` // heading that it stands under
	Name        string   `yaml:"name" json:"name"`
	Description string   `yaml:"description" json:"description"`
	By          []string `yaml:"by" json:"by,omitempty"` // keys of the references that support its row; none: it is not mapped
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
