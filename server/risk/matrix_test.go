package risk_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/risk"
)

// Table I-2 of NIST SP 800-30 Rev. 1, written out as it stands there: rows from very high likelihood down, columns from
// very low impact up.
const tableI2 = `
VL L  M  H  VH
VL L  M  H  VH
VL L  M  M  H
VL L  L  L  M
VL VL VL L  L
`

func TestMatrixIsTheStandards(t *testing.T) {
	names := map[string]risk.Level{"VL": risk.VeryLow, "L": risk.Low, "M": risk.Moderate, "H": risk.High, "VH": risk.VeryHigh}
	var words [25]any
	var got [25]string
	for i := range words {
		words[i] = &got[i]
	}
	if _, err := fmt.Sscan(tableI2, words[:]...); err != nil {
		t.Fatal(err)
	}
	for row := range 5 {
		for column := range 5 {
			likelihood, impact := risk.Level(5-row), risk.Level(column+1)
			if want := names[got[row*5+column]]; risk.Combine(likelihood, impact) != want {
				t.Errorf("%s likelihood and %s impact make %s, want %s", likelihood, impact, risk.Combine(likelihood, impact), want)
			}
		}
	}
	for _, bad := range [][2]risk.Level{{0, 1}, {1, 0}, {6, 1}, {1, -2}} {
		if risk.Combine(bad[0], bad[1]) != 0 {
			t.Errorf("%v make a level", bad)
		}
	}
}

// A level that grows with neither likelihood nor impact would be a table typed wrongly.
func TestMatrixGrows(t *testing.T) {
	for l := risk.VeryLow; l <= risk.VeryHigh; l++ {
		for i := risk.VeryLow; i < risk.VeryHigh; i++ {
			if risk.Combine(l, i+1) < risk.Combine(l, i) || risk.Combine(i+1, l) < risk.Combine(i, l) {
				t.Errorf("the matrix falls at %d, %d", l, i)
			}
		}
	}
}

func TestMatrixOfThePast(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		a := r.enter(nil)
		r.clock.Set(start.AddDate(0, 0, 1))
		r.enter(func(x *risk.Text) { x.System, x.Likelihood, x.Impact, x.Safety = "heating", risk.Low, risk.Low, true })
		r.clock.Set(start.AddDate(0, 0, 2))
		r.must(r.AddMitigation(as("ann"), a.ID, "", risk.Task{Title: "x", Owner: "cleo", Due: start.AddDate(0, 0, 4)}))
		r.must(r.Decide(as("bob"), a.ID, "", risk.Verdict{Decision: risk.Mitigate, Reason: "x", ResidualImpact: risk.Low}))
		r.clock.Set(start.AddDate(0, 0, 6))
		r.must(r.FinishMitigation(as("cleo"), a.ID, "", 1, "done"))
		r.clock.Set(start.AddDate(0, 0, 8))
		r.must(r.Close(as("bob"), a.ID, "", "gone"))
		for _, c := range []struct {
			day                              int
			open, undecided, overdue, safety int
			high, highNow                    int // risks in the cell of a, as rated and as they were
		}{
			{-1, 0, 0, 0, 0, 0, 0},
			{0, 1, 1, 0, 0, 1, 1},
			{1, 2, 2, 0, 1, 1, 1},
			{2, 2, 1, 0, 1, 1, 1},
			{5, 2, 1, 1, 1, 1, 1},
			{6, 2, 1, 0, 1, 1, 0},
			{8, 1, 1, 0, 1, 0, 0},
		} {
			m, err := r.Matrix(as("ann"), "", start.AddDate(0, 0, c.day))
			if err != nil {
				t.Fatal(err)
			}
			cell := m.Cells[3*5+4]
			if m.Open != c.open || m.Undecided != c.undecided || m.Overdue != c.overdue || m.Safety != c.safety || cell.Count != c.high || cell.Residual != c.highNow {
				t.Errorf("day %d: %+v, cell %+v, want %+v", c.day, m, cell, c)
			}
		}
		now, err := r.Matrix(as("ann"), "", time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		then, err := r.Matrix(as("ann"), "", r.clock.Now())
		if err != nil || !slices.Equal(now.Cells, then.Cells) || now.Open != then.Open || now.Undecided != then.Undecided {
			t.Errorf("now %+v differs from the history's %+v, %v", now, then, err)
		}
		if m, err := r.Matrix(as("ann"), "doors", time.Time{}); err != nil || m.Open != 0 {
			t.Errorf("doors: %+v, %v", m, err)
		}
		_, err = r.Matrix(as("ann"), "", r.clock.Now().Add(time.Hour))
		refused(t, err, fleet.CodeInvalid, "at: is still to come")
		trend, err := r.Trend(as("ann"), 8)
		if err != nil || len(trend) != 9 {
			t.Fatalf("trend %+v, %v", trend, err)
		}
		for i, want := range []string{"1 1 0", "2 2 0", "2 1 0", "2 1 0", "2 1 1", "2 1 1", "2 1 0", "2 1 0", "1 1 0"} {
			if p := trend[i]; fmt.Sprint(p.Open, p.Undecided, p.Overdue) != want {
				t.Errorf("day %d: %+v, want %s", i, p, want)
			}
		}
		if trend[5].Remaining != [5]int{0, 1, 0, 0, 1} || trend[6].Remaining != [5]int{0, 2, 0, 0, 0} {
			t.Errorf("remaining is %v, then %v", trend[5].Remaining, trend[6].Remaining)
		}
	})
}

func TestCoverage(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		r.enter(nil)
		r.enter(func(x *risk.Text) { x.System, x.Scopes, x.Impact = "", []string{"cloud", "insider"}, risk.Low })
		c, err := r.Coverage(as("ann"), "doors")
		if err != nil {
			t.Fatal(err)
		}
		if want := []string{"gateway", "app", "store", "mobile", "fog", "classification", "protection", "retention", "safety"}; !slices.Equal(c.Missing, want) {
			t.Errorf("missing %v, want %v", c.Missing, want)
		}
		if d := c.Scopes[0]; d.Name != "device" || d.Open != 1 || d.Worst != risk.VeryHigh || d.Undecided != 1 {
			t.Errorf("device is %+v", d)
		}
		if c, err = r.Coverage(as("ann"), "heating"); err != nil || slices.Contains(c.Missing, "cloud") || !slices.Contains(c.Missing, "device") {
			t.Errorf("heating: %v, %v", c.Missing, err)
		}
		if got := risk.Missing([]string{"device", "gateway", "app", "store", "mobile", "cloud", "fog", "network", "classification", "protection", "insider", "retention"}); !slices.Equal(got, []string{"safety"}) {
			t.Errorf("missing %v", got)
		}
	})
}
