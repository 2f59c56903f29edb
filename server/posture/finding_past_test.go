package posture

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

// TestFindingsOfAPastMomentAgreeWithAPlainReading asks for many random filters at many moments, page by page, and compares with a
// reading of whole tables; then again after a restart.
func TestFindingsOfAPastMomentAgreeWithAPlainReading(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		clk, w := clock.NewFake(start), newWorld()
		w.types["lock"] = &fleet.DeviceType{Name: "lock"}
		for i := range 30 {
			d := w.device(fmt.Sprint("s", i), "lock", clk.Now())
			d.Device.Name, d.Device.Site = fmt.Sprint("Name-", i), fmt.Sprint("hall-", i%3)
		}
		s := engine(t, db, w, clk, nil)
		mustSweep(t, s)
		rnd := rand.New(rand.NewPCG(9, 9))
		seed(t, s, 600, rnd)
		live3(t, s, clk, rnd)
		for range 2 {
			p := readPlainly(t, s)
			for range 150 {
				p.agrees(t, s, randomPast(rnd, s))
			}
			s = engine(t, db, w, clk, nil)
			mustSweep(t, s)
		}
	})
}

// live3 lets three hours pass in which findings are given to people and noted, exceptions come and go, and the clock goes back once.
func live3(t *testing.T, s *Service, clk *clock.Fake, rnd *rand.Rand) {
	t.Helper()
	ctx := as(t.Context(), "mara")
	for i := range 60 {
		var open []string
		for _, f := range plain(t, s) {
			if f.State != FindingClosed {
				open = append(open, f.ID)
			}
		}
		ref, owner, due := open[rnd.IntN(len(open))], []string{"", "lou", "sam", "kim"}[rnd.IntN(4)], clk.Now().Add(time.Duration(1+rnd.IntN(120))*time.Minute)
		a := Assignment{Owner: &owner}
		if i%2 == 0 {
			a.Due = &due
		}
		if err := s.Assign(ctx, []string{ref}, a); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Note(ctx, ref, fmt.Sprint("note ", i)); err != nil {
			t.Fatal(err)
		}
		switch i {
		case 10:
			grant(t, s, func(e *Exception) { e.Ends = clk.Now().Add(time.Hour) })
		case 20:
			grant(t, s, func(e *Exception) { e.Control, e.Subject = "SNT-18", &Ref{Kind: Device, ID: "s4"} })
		case 30:
			e := grant(t, s, func(e *Exception) { e.Control, e.Scope = "SNT-18", &Scope{Site: "hall-1"} })
			clk.Advance(20 * time.Minute)
			if _, err := s.WithdrawException(ctx, e.ID, "no longer"); err != nil {
				t.Fatal(err)
			}
		case 40:
			clk.Set(clk.Now().Add(-30 * time.Minute))
		}
		clk.Advance(3 * time.Minute)
		s.Settle(ctx)
		if err := s.flush(ctx); err != nil {
			t.Fatal(err)
		}
	}
}

func randomPast(rnd *rand.Rand, s *Service) FindingFilter {
	pick := func(of ...string) string { return of[rnd.IntN(len(of))] }
	then := s.Clock.Now().Add(-time.Duration(rnd.Int64N(int64(4 * time.Hour))))
	if rnd.IntN(3) == 0 {
		then = start.Add(-time.Duration(rnd.IntN(700_000)) * time.Microsecond)
	}
	return FindingFilter{
		At: then, Total: true, State: pick("open", "excepted", "closed", "all"), Control: pick("", "", "COM-10", "SNT-18"), Domain: pick("", "", "COM"), Check: pick("", "", "TSP-07/shared"),
		Owner: pick("", "", "-", "lou", "sam", "nobody"), Severity: fleet.Severity(pick("", "", "high", "medium")), Overdue: rnd.IntN(4) == 0, Subject: pick("", "", "", "s7"),
		Query: pick("", "", "", "NAME-1", "links", "s4"), Sort: pick("", "-opened", "due", "control"), Limit: 1 + rnd.IntN(40),
	}
}

// plainly is all that is stored about findings.
type plainly struct {
	findings   []Finding
	exceptions []*Exception
	notes      map[string][]int64
	given      map[int64][]giving
}

func readPlainly(t *testing.T, s *Service) *plainly {
	t.Helper()
	p := &plainly{findings: plain(t, s), notes: map[string][]int64{}, given: map[int64][]giving{}}
	var err error
	if p.exceptions, err = s.exceptionsWhere(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	read := func(query string, fn func(scan func(...any) error) error) {
		rows, err := s.DB.Query(t.Context(), query)
		if err == nil {
			err = eachRow(rows, fn)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	read("SELECT finding, at FROM posture_note", func(scan func(...any) error) error {
		var ref string
		var at int64
		err := scan(&ref, &at)
		p.notes[ref] = append(p.notes[ref], at)
		return err
	})
	read("SELECT seq, at, owner, due, was_owner, was_due FROM posture_assignment ORDER BY seq, n", func(scan func(...any) error) error {
		var g giving
		err := scan(&g.seq, &g.at, &g.owner, &g.due, &g.was, &g.wasDue)
		p.given[g.seq] = append(p.given[g.seq], g)
		return err
	})
	return p
}

// at is every finding as it stood at a moment.
func (p *plainly) at(s *Service, then time.Time) (out []Finding) {
	at := store.Time(then)
	for _, f := range p.findings {
		if store.Time(f.Opened) > at {
			continue
		}
		if i := slices.IndexFunc(p.given[f.seq], func(g giving) bool { return g.at > at }); i >= 0 {
			f.Owner, f.Due = p.given[f.seq][i].was, store.FromTime(p.given[f.seq][i].wasDue)
		}
		f.Notes = 0
		for _, note := range p.notes[f.ID] {
			if note <= at {
				f.Notes++
			}
		}
		f.State, f.Exception = FindingOpen, ""
		if f.Closed != nil && store.Time(*f.Closed) <= at {
			f.State = FindingClosed
		} else {
			f.Closed, f.ClosedBy, f.Ending = nil, "", ""
			for _, e := range p.exceptions {
				if p.covers(s, e, f, at) {
					f.State, f.Exception = FindingExcepted, e.ID
				}
			}
		}
		f.Overdue = f.State == FindingOpen && store.Time(f.Due) <= at
		out = append(out, f)
	}
	return out
}

func (*plainly) covers(s *Service, e *Exception, f Finding, at int64) bool {
	inForce := e.Decided != nil && store.Time(*e.Decided) <= at && store.Time(e.Ends) > at && (e.Finished == nil || store.Time(*e.Finished) > at)
	if !inForce || e.Control != f.Control {
		return false
	}
	var typ string
	var in place
	if sub := s.state.populations[f.Subject.Kind].subjects[f.Subject.ID]; sub != nil {
		typ, in = sub.typ, sub.at.Value()
	}
	return (e.Subject == nil || e.Subject.Kind == f.Subject.Kind && e.Subject.ID == f.Subject.ID) &&
		(e.Scope == nil || (e.Scope.Type == "" || e.Scope.Type == typ) && (e.Scope.Site == "" || e.Scope.Site == in.site))
}

func (p *plainly) agrees(t *testing.T, s *Service, f FindingFilter) {
	t.Helper()
	all := p.at(s, f.At)
	byID := map[string]Finding{}
	for _, x := range all {
		byID[x.ID] = x
	}
	present := f
	present.Query = ""
	want := matching(s, all, present)
	if f.Query != "" {
		want = slices.DeleteFunc(want, func(ref string) bool {
			x := byID[ref]
			title := x.Check
			if i, ok := s.byNum[x.num]; ok {
				title += " " + s.Checks[i].Title
			}
			return !containsFold(title, f.Query) && !containsFold(x.Subject.Name, f.Query) && !strings.EqualFold(x.Subject.ID, f.Query)
		})
	}
	var got []string
	for after := ""; ; {
		page := f
		page.After = after
		list, next, total, err := s.Findings(t.Context(), page)
		if err != nil || total == nil || *total != len(want) {
			t.Fatalf("%+v: total %v, want %d, %v", f, total, len(want), err)
		}
		for _, x := range list {
			got = append(got, x.ID)
			if !alike(x, byID[x.ID]) {
				t.Fatalf("%+v:\n got %+v\nwant %+v", f, x, byID[x.ID])
			}
		}
		if after = next; after == "" {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%+v: %d found, want %d\n got %v\nwant %v", f, len(got), len(want), got, want)
	}
}

// alike compares two readings of a finding: their closing is a pointer.
func alike(a, b Finding) bool {
	if stored(a.Closed) != stored(b.Closed) {
		return false
	}
	a.Closed, b.Closed = nil, nil
	return a == b
}
