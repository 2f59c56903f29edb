package catalogue

import (
	"fmt"
	"io"
	"strings"
)

// Markdown writes the whole catalogue as a document for docs/controls.md: one
// table for each domain, every control a row. The output depends on the
// catalogue alone, so a generated copy can be compared byte for byte.
func (c *Catalogue) Markdown(w io.Writer) error {
	var b strings.Builder
	c.markdownHead(&b)
	for _, d := range c.Domains {
		c.markdownDomain(&b, d)
	}
	c.markdownItems(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

func (c *Catalogue) markdownHead(b *strings.Builder) {
	count := map[Mode]int{}
	for _, control := range c.Controls() {
		for _, m := range control.Modes {
			count[m]++
		}
	}
	fmt.Fprintf(b, `<!-- Code generated from server/posture/catalogue. DO NOT EDIT. -->

# Controls

The catalogue holds %d controls in %d domains, under the identifiers of the CSA IoT Controls Framework. It says what must be
true. Whether it is true says the command "thingward posture", where a control that cannot be assessed yet is shown as not
assessed, with what is missing. A control works in one mode or more:

- **Enforced** (%d controls): the platform refuses the bad state, and the refusal is an event.
- **Measured** (%d controls): a check computes the result from live state and names the objects that fail.
- **Recorded** (%d controls): a person renews a typed record with evidence and an expiry.

The column OWASP gives our own mapping of each control to the OWASP IoT Top 10 of 2018. The framework's own mapping covers
whole domains and stands under the name of each.
`, len(c.controls), len(c.Domains), count[Enforced], count[Measured], count[Recorded])
}

func (c *Catalogue) markdownDomain(b *strings.Builder, d Domain) {
	fmt.Fprintf(b, "\n## %s · %s\n\n%s OWASP according to the framework: %s.\n\n", d.ID, d.Name, d.Summary, c.sourceItems(d.ID))
	b.WriteString("| Control | What must be true | Mode | Layers | Fails when | OWASP |\n|---|---|---|---|---|---|\n")
	for _, control := range d.Controls {
		var items []string
		for _, m := range c.OWASP(control.ID) {
			if m.Provenance == Product {
				items = append(items, m.Item)
			}
		}
		row(b, control.ID, "**"+control.Title+".** "+control.Statement, list(control.Modes), list(control.Layers), control.FailsWhen, list(items))
	}
}

// sourceItems names the items that the framework maps the domain to.
func (c *Catalogue) sourceItems(domain string) string {
	owasp, _ := c.Framework(OWASPID)
	for _, d := range owasp.Source {
		if d.Domain == domain && len(d.Items) > 0 {
			return list(d.Items)
		}
	}
	return "none"
}

func (c *Catalogue) markdownItems(b *strings.Builder) {
	for _, f := range c.Frameworks {
		fmt.Fprintf(b, "\n## %s\n\n%s Items are from: %s (%s).\n\n", f.Name, f.Summary, f.Edition, f.Date)
		for _, r := range f.References {
			fmt.Fprintf(b, "- `%s`: [%s](%s), read %s\n", r.Key, r.Title, r.URL, r.Read)
		}
		b.WriteString("\n| Item | Name | What it is about | Controls, our mapping | Controls, source mapping | By |\n|---|---|---|---|---|---|\n")
		for _, item := range f.Items {
			row(b, item.ID, item.Name, item.Description, c.mapped(f, item, Product), c.mapped(f, item, Source), list(item.By))
		}
	}
}

// mapped is how many controls one provenance maps an item to, or that it does not.
func (c *Catalogue) mapped(f Framework, item Item, by Provenance) string {
	if n := len(c.Under(f.ID, item.ID, by)); n > 0 {
		return fmt.Sprint(n)
	}
	return "not mapped"
}

// row writes one table row. A pipe would end its cell early, so it is escaped.
func row(b *strings.Builder, cells ...string) {
	for _, cell := range cells {
		b.WriteString("| " + strings.ReplaceAll(cell, "|", `\|`) + " ")
	}
	b.WriteString("|\n")
}

// list joins names with commas.
func list[T ~string](names []T) string {
	words := make([]string, len(names))
	for i, n := range names {
		words[i] = string(n)
	}
	return strings.Join(words, ", ")
}
