package catalogue

import (
	"regexp"
	"slices"
	"strings"
)

// validateFrameworks notes what is wrong with frameworks, and any two of one
// identifier.
func (c *Catalogue) validateFrameworks(f *faults) {
	seen := map[string]bool{FrameworkID: true}
	for _, framework := range c.Frameworks {
		if seen[framework.ID] || !kebab.MatchString(framework.ID) {
			f.addf("framework %q: the identifier is taken or not in kebab case", framework.ID)
		}
		seen[framework.ID] = true
		framework.validate(f, c)
	}
}

// dates are years, months or days.
var dates = regexp.MustCompile(`^20\d\d(-\d\d(-\d\d)?)?$`)

// validate notes items without text, and mappings to what does not exist.
func (fw Framework) validate(f *faults, c *Catalogue) {
	f.text(fw.ID, "name", fw.Name)
	f.sentence(fw.ID, "summary", fw.Summary)
	f.text(fw.ID, "edition", fw.Edition)
	if !dates.MatchString(fw.Date) {
		f.addf("%s: date %q is none; write it as 2024-11-20, 2024-11 or 2024", fw.ID, fw.Date)
	}
	references := fw.validateReferences(f)
	items := map[string]Item{}
	for _, item := range fw.Items {
		f.text(fw.ID+"/"+item.ID, "name", item.Name)
		f.sentence(fw.ID+"/"+item.ID, "description", item.Description)
		if _, taken := items[item.ID]; taken {
			f.addf("%s: item %s is listed twice", fw.ID, item.ID)
		}
		for _, key := range item.By {
			if !references[key] {
				f.addf("%s: item %s names the reference %q, which is unknown", fw.ID, item.ID, key)
			}
		}
		items[item.ID] = item
	}
	fw.validateSource(f, c, items)
	fw.validateProduct(f, c, items)
}

// validateReferences notes references that nobody could look up.
func (fw Framework) validateReferences(f *faults) map[string]bool {
	keys := map[string]bool{}
	for _, r := range fw.References {
		where := fw.ID + "/" + r.Key
		f.text(where, "title", r.Title)
		if !kebab.MatchString(r.Key) || keys[r.Key] {
			f.addf("%s: reference key %q is taken or not in kebab case", fw.ID, r.Key)
		}
		if !strings.HasPrefix(r.URL, "https://") || !dates.MatchString(r.Read) || (r.Date != "" && !dates.MatchString(r.Date)) {
			f.addf("%s: reference needs an https address, the date of reading, and the date of the text where the text states one", where)
		}
		keys[r.Key] = true
	}
	return keys
}

// validateSource notes unless every domain is mapped once, to known items. A
// framework without any source mapping has none of its own.
func (fw Framework) validateSource(f *faults, c *Catalogue, items map[string]Item) {
	seen := map[string]bool{}
	for _, d := range fw.Source {
		if _, ok := c.Domain(d.Domain); !ok || seen[d.Domain] {
			f.addf("%s: source maps domain %s, which is unknown or mapped twice", fw.ID, d.Domain)
		}
		seen[d.Domain] = true
		for i, item := range d.Items {
			if _, known := items[item]; !known || slices.Contains(d.Items[:i], item) {
				f.addf("%s: source maps %s to item %s, which is unknown or named twice", fw.ID, d.Domain, item)
			}
		}
	}
	if len(seen) != len(c.Domains) && (len(fw.Source) > 0 || fw.ID == OWASPID) {
		f.addf("%s: source maps %d domains of %d; write an empty list for one that it leaves out", fw.ID, len(seen), len(c.Domains))
	}
}

// validateProduct notes unknown or unsupported items, unknown controls and
// relations, and pairs mapped twice.
func (fw Framework) validateProduct(f *faults, c *Catalogue, items map[string]Item) {
	seen := map[string]bool{}
	for _, group := range fw.Product {
		item, known := items[group.Item]
		switch {
		case !known:
			f.addf("%s: product maps item %s, which is unknown", fw.ID, group.Item)
		case len(item.By) == 0:
			f.addf("%s: product maps item %s, which names no reference that supports it; add one to its by, or leave it unmapped", fw.ID, group.Item)
		}
		for _, w := range group.Controls {
			pair := group.Item + "/" + w.Control
			f.text(fw.ID+"/"+pair, "why", w.Why)
			if _, ok := c.controls[w.Control]; !ok || seen[pair] {
				f.addf("%s: product maps %s, whose control is unknown or mapped twice", fw.ID, pair)
			}
			if !slices.Contains([]Relation{BearsOn, Equal, Subset, Intersects}, w.Relation) {
				f.addf("%s: product maps %s with unknown relation %q", fw.ID, pair, w.Relation)
			}
			seen[pair] = true
		}
	}
}
