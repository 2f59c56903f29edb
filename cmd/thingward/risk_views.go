package main

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"text/tabwriter"
)

type riskMatrixCmd struct {
	At     string `help:"A past day or time; now unless given."`
	System string `help:"Only this system."`
}

// Run draws the matrix: open risks as they were rated and, after the slash, as they are now.
func (c *riskMatrixCmd) Run(t *terminal) error {
	in := object{}
	if err := addDay(in, "at", c.At); err != nil {
		return err
	}
	q := query("system", c.System, "at", timeText(in["at"]))
	out, err := ask(t, http.MethodGet, "/risks/matrix?"+q.Encode(), nil)
	if err != nil {
		return err
	}
	if t.format != "table" {
		return t.encode(out)
	}
	_, _ = fmt.Fprintf(t.out, "%s open, %s undecided, %s overdue, %s to safety\n\n", cell(out, "open"), cell(out, "undecided"), cell(out, "overdue"), cell(out, "safety"))
	return drawMatrix(t, objectsOf(out["cells"]))
}

// drawMatrix puts the highest likelihood on top and the highest impact to the right.
func drawMatrix(t *terminal, cells []object) error {
	at := map[string]string{}
	for _, c := range cells {
		at[cell(c, "likelihood")+cell(c, "impact")] = cell(c, "count") + "/" + cell(c, "residual")
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for l := 5; l >= 1; l-- {
		row := []string{"likelihood " + strconv.Itoa(l)}
		for i := 1; i <= 5; i++ {
			row = append(row, at[strconv.Itoa(l)+strconv.Itoa(i)])
		}
		_, _ = fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	_, _ = fmt.Fprintln(w, "impact\t1\t2\t3\t4\t5")
	return w.Flush()
}

type riskTrendCmd struct {
	Days int `default:"30" help:"How far back, up to 730."`
}

// Run shows the register over time.
func (c *riskTrendCmd) Run(t *terminal) error {
	out, err := ask(t, http.MethodGet, "/risks/trend?days="+strconv.Itoa(c.Days), nil)
	if err != nil {
		return err
	}
	return t.showList(objectsOf(out["items"]), "at", "open", "undecided", "overdue", "levels", "remaining")
}

type riskScalesCmd struct{}

// Run explains the scales.
func (*riskScalesCmd) Run(t *terminal) error {
	out, err := ask(t, http.MethodGet, "/risks/scales", nil)
	if err != nil {
		return err
	}
	if t.format != "table" {
		return t.encode(out)
	}
	for _, part := range []string{"likelihood", "impact", "level", "scopes"} {
		_, _ = fmt.Fprintf(t.out, "%s\n", part)
		columns := []string{"level", "name", "text"}
		if part == "scopes" {
			columns = []string{"name", "kind", "text"}
		}
		if err := t.showList(objectsOf(out[part]), columns...); err != nil {
			return err
		}
		_, _ = fmt.Fprintln(t.out)
	}
	return nil
}

type riskCoverageCmd struct {
	System string `help:"Only this system; risks of the whole organisation count too."`
}

// Run shows risks by scope.
func (c *riskCoverageCmd) Run(t *terminal) error {
	out, err := ask(t, http.MethodGet, "/risks/coverage?"+query("system", c.System).Encode(), nil)
	if err != nil {
		return err
	}
	if t.format != "table" {
		return t.encode(out)
	}
	return t.showList(objectsOf(out["scopes"]), "name", "kind", "open", "undecided", "closed", "worst")
}
