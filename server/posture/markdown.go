package posture

import (
	"fmt"
	"io"
	"strings"

	"github.com/thingward/thingward/server/posture/catalogue"
)

// Markdown writes what evaluates each control, for docs/controls.md behind the catalogue's own tables: its obligations, the
// checks and gates that answer them, and what is missing. The output depends on its arguments alone.
func Markdown(w io.Writer, cat *catalogue.Catalogue, checks []Check, gates []Gate) error {
	by := map[string][]answer{}
	for _, c := range checks {
		by[c.Control] = append(by[c.Control], answer{c.Obligation, c.Title, evidence(c)})
	}
	for _, g := range gates {
		by[g.Control] = append(by[g.Control], answer{g.Obligation, g.Title, tried(g)})
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# What evaluates each control\n\n%d checks compute verdicts from live facts, and %d gates try on the running system what a control forbids. "+
		"They evaluate %d of %d controls. An obligation that nothing evaluates is *not assessed* and keeps its control from passing; below it stands what is missing.\n", len(checks), len(gates), len(by), len(cat.Controls()))
	for _, d := range cat.Domains {
		fmt.Fprintf(&b, "\n## %s · %s\n\n| Control | Obligation | Mode | What is evaluated | Evidence |\n|---|---|---|---|---|\n", d.ID, d.Name)
		for _, c := range d.Controls {
			markdownControl(&b, c, by[c.ID])
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// answer is what evaluates an obligation, and from what.
type answer struct{ obligation, title, evidence string }

// evidence says what a check looks at, and about what.
func evidence(c Check) string {
	if kind, ok := strings.CutPrefix(string(c.Subject), RecordPrefix); ok {
		return strings.TrimPrefix(c.Reads, "record: ") + " (record `" + kind + "`)"
	}
	return "each " + string(c.Subject) + ": " + c.Reads
}

// tried says what a gate tries, and which events real refusals leave.
func tried(g Gate) string {
	out := "self-test `" + strings.Join(g.Probes, "`, `") + "`"
	if len(g.Events) > 0 {
		out += "; events `" + strings.Join(g.Events, "`, `") + "`"
	}
	return out
}

func markdownControl(b *strings.Builder, c catalogue.Control, answers []answer) {
	whole := true
	for i, o := range c.Obligations {
		id, none := "", true
		if i == 0 {
			id = c.ID
		}
		text, mode := o.Text, string(o.Mode)
		for _, a := range answers {
			if a.obligation == o.Key {
				fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", id, cell(text), mode, cell(a.title), cell(a.evidence))
				id, text, mode, none = "", "", "", false
			}
		}
		if none {
			fmt.Fprintf(b, "| %s | %s | %s | *not assessed* | |\n", id, cell(o.Text), o.Mode)
			whole = false
		}
	}
	if !whole {
		fmt.Fprintf(b, "| | **Missing:** %s | | | |\n", cell(c.Missing))
	}
}

// cell keeps a text inside its table cell.
func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
