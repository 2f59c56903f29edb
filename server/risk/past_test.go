package risk_test

import (
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/risk"
)

// list reads all pages of a list, a few risks at a time.
func (r *rig) list(f risk.Filter) (all []risk.View) {
	r.t.Helper()
	f.Limit = 3
	for first := true; first || f.After != ""; first = false {
		page, err := r.List(as("ann"), f)
		if err != nil {
			r.t.Fatalf("%+v: %v", f, err)
		}
		all, f.After = append(all, page.Items...), page.Next
		if f.After == "" && *page.Total != len(all) {
			r.t.Errorf("%+v: %d risks in pages, total %d", f, len(all), *page.Total)
		}
	}
	return all
}

// count asks how many risks a list holds.
func (r *rig) count(f risk.Filter) int {
	r.t.Helper()
	f.Limit = 1
	page, err := r.List(as("ann"), f)
	if err != nil {
		r.t.Fatalf("%+v: %v", f, err)
	}
	return *page.Total
}

// happen does something to one of the risks, or enters one. What is refused, such as a change of a closed risk, changes nothing.
func (r *rig) happen(rnd *rand.Rand, ids []string) []string {
	level := func() risk.Level { return risk.Level(rnd.IntN(5) + 1) }
	days := func(n int) time.Time { return r.clock.Now().AddDate(0, 0, 1+rnd.IntN(n)) }
	text := sample()
	text.Likelihood, text.Impact, text.Safety = level(), level(), rnd.IntN(3) == 0
	text.System, text.Owner, text.Title = []string{"doors", "heating", ""}[rnd.IntN(3)], []string{"ann", "cleo"}[rnd.IntN(2)], string(rune('a'+rnd.IntN(26)))
	if len(ids) < 3 || rnd.IntN(4) == 0 {
		return append(ids, r.must(r.Enter(as("ann"), text)).ID)
	}
	one := ids[rnd.IntN(len(ids))]
	switch rnd.IntN(6) {
	case 0:
		_, _ = r.Change(as("ann"), one, "", text)
	case 1, 2:
		_, _ = r.Decide(as("bob"), one, "", risk.Verdict{
			Decision: []string{risk.Mitigate, risk.Defer, risk.Accept}[rnd.IntN(3)], Reason: "x", Ends: days(9), ResidualLikelihood: level(), ResidualImpact: level(),
		})
	case 3:
		_, _ = r.AddMitigation(as("ann"), one, "", risk.Task{Title: "x", Owner: "cleo", Due: days(6)})
	case 4:
		_, _ = r.FinishMitigation(as("cleo"), one, "", 1+rnd.IntN(2), "done")
	case 5:
		_, _ = r.Close(as("bob"), one, "", "gone")
	}
	return ids
}

// The list of a past moment is what the list was at that moment, and says what matrix and trend of that moment say.
func TestPastListsAgree(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		for seed := range uint64(2) {
			rnd := rand.New(rand.NewPCG(seed, 7))
			type moment struct {
				at   time.Time
				risk []risk.View
			}
			var ids []string
			var moments []moment
			for range 40 {
				ids = r.happen(rnd, ids)
				r.clock.Advance(time.Duration(1+rnd.IntN(30)) * time.Hour)
				if rnd.IntN(4) == 0 {
					moments = append(moments, moment{r.clock.Now(), r.list(risk.Filter{State: "all"})})
					r.clock.Advance(time.Hour)
				}
			}
			for _, m := range moments {
				if got := r.list(risk.Filter{State: "all", At: m.at}); !reflect.DeepEqual(got, m.risk) {
					t.Fatalf("seed %d, %s: the list was\n%+v\nand is now said to have been\n%+v", seed, m.at, m.risk, got)
				}
				r.agreesWithMatrix(m.at)
			}
			r.agreesWithMatrix(time.Time{})
			r.agreesWithTrend()
			r.filtersAgree()
		}
	})
}

// agreesWithMatrix fails the test unless each cell of the matrix counts what a list of the cell holds.
func (r *rig) agreesWithMatrix(at time.Time) {
	r.t.Helper()
	m, err := r.Matrix(as("ann"), "", at)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, c := range m.Cells {
		f := risk.Filter{At: at, Likelihood: int(c.Likelihood), Impact: int(c.Impact)}
		count := r.count(f)
		f.Residual = true
		if residual := r.count(f); count != c.Count || residual != c.Residual {
			r.t.Errorf("at %s: the lists hold %d and %d, the matrix says %+v", at, count, residual, c)
		}
	}
	for name, c := range map[string]struct {
		f    risk.Filter
		want int
	}{
		"open": {risk.Filter{}, m.Open}, "undecided": {risk.Filter{Decision: "undecided"}, m.Undecided}, "overdue": {risk.Filter{Overdue: true}, m.Overdue}, "safety": {risk.Filter{Safety: true}, m.Safety},
	} {
		c.f.At = at
		if got := r.count(c.f); got != c.want {
			r.t.Errorf("at %s: %d %s in the list, %d in the matrix", at, got, name, c.want)
		}
	}
}

func (r *rig) agreesWithTrend() {
	r.t.Helper()
	points, err := r.Trend(as("ann"), 20)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, p := range points {
		var remaining [5]int
		list := r.list(risk.Filter{At: p.At})
		for _, v := range list {
			remaining[v.Remaining.Level-1]++
		}
		if len(list) != p.Open || remaining != p.Remaining {
			r.t.Errorf("at %s: %d risks remaining %v, the trend says %+v", p.At, len(list), remaining, p)
		}
	}
}

// filtersAgree fails the test unless every filter chooses from the kept history of now what it chooses from the register.
func (r *rig) filtersAgree() {
	r.t.Helper()
	for _, f := range []risk.Filter{
		{},
		{State: "closed"},
		{State: "all", Sort: "created"},
		{State: "all", Sort: "-due"},
		{Sort: "ends"},
		{Sort: "-changed"},
		{Sort: "-owner"},
		{Sort: "system"},
		{Sort: "title"},
		{Decision: "accept"},
		{Decision: "mitigate"},
		{State: "all", Decision: "undecided"},
		{Level: "high"},
		{Level: "2"},
		{System: "doors"},
		{Site: "north"},
		{Owner: "cleo"},
		{Scope: "device"},
		{Scope: "fog"},
		{Query: " REPLAY"},
		{Query: "100%"},
		{Likelihood: 3},
		{Impact: 5, Residual: true},
		{State: "all", Likelihood: 2, Impact: 2, Owner: "ann"},
	} {
		now := r.list(f)
		f.At = r.clock.Now()
		if then := r.list(f); !reflect.DeepEqual(now, then) {
			r.t.Errorf("%+v: the register gives %d risks, its history %d or in another order", f, len(now), len(then))
		}
	}
}

func TestOneRiskOfThePast(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		e := r.enter(nil)
		r.clock.Set(start.AddDate(0, 0, 3))
		text := sample()
		text.Impact = risk.Low
		r.must(r.Change(as("ann"), e.ID, "", text))
		for day, want := range map[int]risk.Level{0: risk.VeryHigh, 2: risk.VeryHigh, 3: risk.Low} {
			if got := r.must(r.OneAt(as("ann"), e.ID, start.AddDate(0, 0, day))); got.Impact != want {
				t.Errorf("day %d: impact %s, want %s", day, got.Impact, want)
			}
		}
		_, err := r.OneAt(as("ann"), e.ID, start.Add(-time.Second))
		refused(t, err, fleet.CodeNotFound, "was entered at 2026-03-01T08:00:00Z", "ask for a time after that")
		_, err = r.OneAt(as("ann"), e.ID, r.clock.Now().Add(time.Second))
		refused(t, err, fleet.CodeInvalid, "still to come")
		for _, bad := range []risk.Filter{{At: r.clock.Now().Add(time.Second)}, {Likelihood: 6}, {Impact: -1}, {Residual: true}} {
			_, err := r.List(as("ann"), bad)
			refused(t, err, fleet.CodeInvalid)
		}
		if ids := r.list(risk.Filter{At: start.Add(-time.Hour)}); len(ids) != 0 {
			t.Errorf("before the first risk there are %v", ids)
		}
	})
}
