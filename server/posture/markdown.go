package posture

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/thingward/thingward/server/posture/catalogue"
)

// Markdown writes what evaluates each control, for docs/controls.md behind the catalogue's own tables: its obligations, the
// checks and gates that answer them, and what is missing. The output depends on its arguments alone.
func Markdown(w io.Writer, cat *catalogue.Catalogue, checks []Check, gates []Gate) error {
	all := slices.Clone(checks)
	for _, g := range gates {
		all = append(all, g.check())
	}
	by := map[string][]Check{}
	for _, c := range all {
		by[c.Control] = append(by[c.Control], c)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# What evaluates each control\n\n%d checks compute verdicts from live facts, and %d gates try on the running system what a control forbids. "+
		"They evaluate %d of %d controls; an obligation that nothing evaluates keeps its control from passing.\n", len(checks), len(gates), len(by), len(cat.Controls()))
	for _, d := range cat.Domains {
		fmt.Fprintf(&b, "\n## %s · %s\n\n| Control | Obligation | Mode | Evaluated by |\n|---|---|---|---|\n", d.ID, d.Name)
		for _, c := range d.Controls {
			markdownControl(&b, c, by[c.ID])
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func markdownControl(b *strings.Builder, c catalogue.Control, checks []Check) {
	whole := true
	for i, o := range c.Obligations {
		id := ""
		if i == 0 {
			id = c.ID
		}
		var answers []string
		for _, ch := range checks {
			if ch.Obligation == o.Key {
				answers = append(answers, fmt.Sprintf("%s (%s: %s)", ch.Title, ch.Subject, ch.Reads))
			}
		}
		if len(answers) == 0 {
			answers, whole = []string{"not assessed"}, false
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", id, cell(o.Text), o.Mode, cell(strings.Join(answers, "; ")))
	}
	if !whole {
		fmt.Fprintf(b, "| | *%s* | | |\n", cell(c.Missing))
	}
}

// cell keeps a text inside its table cell.
func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
