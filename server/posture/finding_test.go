package posture

import (
	"context"
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

// accounts knows who may own findings.
type accounts map[string]bool

// Active tells.
func (a accounts) Active(_ context.Context, name string) (bool, error) { return a[name], nil }

// say gives a device another firmware and lets the engine see it.
func (s *Service) say(t *testing.T, w *world, id, firmware string) {
	t.Helper()
	w.devices[id].Inventory = inventory(firmware)
	s.Changed(Device, id)
	s.Settle(t.Context())
	if err := s.flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func listed1(t *testing.T, s *Service, f FindingFilter) []Finding {
	t.Helper()
	list, _, _, err := s.Findings(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestFindingThatComesBackRefersToTheFormerOne(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		clk := clock.NewFake(start)
		w := locks(clk)
		s := engine(t, db, w, clk, nil)
		mustSweep(t, s)
		first := listed1(t, s, FindingFilter{Subject: "name-d1"})
		if len(first) != 1 || first[0].Control != "COM-10" || first[0].Severity != fleet.Critical && first[0].Severity != fleet.Medium || !first[0].Due.After(clk.Now()) {
			t.Fatalf("%+v", first)
		}
		s.say(t, w, "d1", "") // unknown closes nothing
		if again := listed1(t, s, FindingFilter{Subject: "d1"}); len(again) != 1 || again[0].ID != first[0].ID {
			t.Errorf("%+v", again)
		}
		s.say(t, w, "d1", "2")
		closed := listed1(t, s, FindingFilter{Subject: "d1", State: "closed"})
		if len(closed) != 1 || closed[0].ClosedBy != "pass" || closed[0].Closed == nil {
			t.Fatalf("%+v", closed)
		}
		s.say(t, w, "d1", "1")
		back := listed1(t, s, FindingFilter{Subject: "d1"})
		if len(back) != 1 || back[0].ID == first[0].ID || back[0].Former != first[0].ID {
			t.Errorf("%+v", back)
		}
		s = engine(t, db, w, clk, nil)
		mustSweep(t, s)
		if kept := listed1(t, s, FindingFilter{Subject: "d1"}); len(kept) != 1 || kept[0].ID != back[0].ID {
			t.Errorf("after a restart: %+v", kept)
		}
	})
}

func TestFindingIsAssignedNotedAndOverdueOnce(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		ctx, clk := as(t.Context(), "mara"), clock.NewFake(start)
		w := locks(clk)
		s := engine(t, db, w, clk, nil)
		s.Owners = accounts{"lou": true}
		mustSweep(t, s)
		one := listed1(t, s, FindingFilter{Subject: "d1"})[0]
		lou, ghost, soon, late := "lou", "ghost", clk.Now().Add(time.Hour), clk.Now().Add(-time.Hour)
		for name, a := range map[string]Assignment{"ghost": {Owner: &ghost}, "past": {Due: &late}, "nothing": {}} {
			if err := s.Assign(ctx, []string{one.ID}, a); fleet.CodeOf(err) != fleet.CodeInvalid {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := s.Assign(ctx, []string{one.ID, "none"}, Assignment{Owner: &lou}); fleet.CodeOf(err) != fleet.CodeNotFound {
			t.Errorf("%v", err)
		}
		if err := s.Assign(ctx, []string{one.ID}, Assignment{Owner: &lou, Due: &soon}); err != nil {
			t.Fatal(err)
		}
		if n, err := s.AssignWhere(ctx, FindingFilter{Owner: Unowned}, Assignment{Owner: &lou}); err != nil || n != 1 {
			t.Errorf("%d %v", n, err)
		}
		if _, err := s.Note(ctx, one.ID, "the spare part is on its way"); err != nil {
			t.Fatal(err)
		}
		d, err := s.Finding(ctx, one.ID)
		if err != nil || d.Owner != "lou" || !d.Due.Equal(soon) || d.Notes != 1 || len(d.Log) != 1 || d.Log[0].By != "mara" || d.Remedy == "" {
			t.Errorf("%+v %v", d, err)
		}
		if sum := s.FindingSummary(); sum.Open != 2 || sum.Unowned != 0 || sum.Overdue != 0 || len(sum.Owners) != 1 || sum.Owners[0].Open != 2 {
			t.Errorf("%+v", sum)
		}
		clk.Advance(2 * time.Hour)
		for range 3 {
			if err := s.tellOverdue(ctx); err != nil {
				t.Fatal(err)
			}
		}
		s = engine(t, db, w, clk, nil) // and not again after a restart
		if err := s.tellOverdue(ctx); err != nil {
			t.Fatal(err)
		}
		if evs := w.published("finding.overdue"); len(evs) != 1 || evs[0].Data["finding"] != one.ID {
			t.Errorf("%d events", len(evs))
		}
		if sum := s.FindingSummary(); sum.Overdue != 1 || sum.Open != 2 {
			t.Errorf("%+v", sum)
		}
		if list := listed1(t, s, FindingFilter{Overdue: true}); len(list) != 1 || !list[0].Overdue {
			t.Errorf("%+v", list)
		}
		if recorded(t, db, "finding.assigned") != 2 || recorded(t, db, "finding.noted") != 1 {
			t.Error("an assignment or a note is not in the log")
		}
	})
}

func TestExceptedFindingIsNoOpenOne(t *testing.T) {
	clk := clock.NewFake(start)
	w := locks(clk)
	s := engine(t, storetest.Open(t), w, clk, nil)
	mustSweep(t, s)
	e := grant(t, s, func(e *Exception) { e.Subject = &Ref{Kind: Device, ID: "d1"} })
	if err := s.flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	list := listed1(t, s, FindingFilter{State: "excepted"})
	if len(list) != 1 || list[0].Exception != e.ID || list[0].Subject.ID != "d1" {
		t.Fatalf("%+v", list)
	}
	if sum := s.FindingSummary(); sum.Open != 1 || sum.Excepted != 1 {
		t.Errorf("%+v", sum)
	}
	s.say(t, w, "d1", "2") // closes by measurement, under an exception too
	s.say(t, w, "d1", "1") // and is excepted again when it comes back
	if list := listed1(t, s, FindingFilter{State: "all", Subject: "d1"}); len(list) != 2 || list[0].State != FindingExcepted || list[1].State != FindingClosed {
		t.Errorf("%+v", list)
	}
	clk.Advance(49 * time.Hour)
	s.Settle(t.Context())
	if err := s.flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if sum := s.FindingSummary(); sum.Excepted != 0 || sum.Open < 2 {
		t.Errorf("%+v", sum)
	}
}

// TestFindingListAgreesWithAPlainReading asks for many random filters, page by page, and compares with a reading of the whole table.
func TestFindingListAgreesWithAPlainReading(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		clk, w := clock.NewFake(start), newWorld()
		for i := range 30 {
			w.device(fmt.Sprint("s", i), "lock", clk.Now()).Device.Name = fmt.Sprint("Name-", i)
		}
		s := engine(t, db, w, clk, nil)
		mustSweep(t, s)
		rnd := rand.New(rand.NewPCG(7, 7))
		seed(t, s, 600, rnd)
		all := plain(t, s)
		pick := func(of ...string) string { return of[rnd.IntN(len(of))] }
		for range 150 {
			f := FindingFilter{
				State: pick("open", "excepted", "closed", "all"), Control: pick("", "", "COM-10", "SNT-18"), Domain: pick("", "", "COM"), Check: pick("", "", "TSP-07/shared"), Owner: pick("", "", "-", "lou", "sam"),
				Severity: fleet.Severity(pick("", "", "high", "medium", "critical")), Overdue: rnd.IntN(4) == 0, Subject: pick("", "", "", "s7"), Query: pick("", "", "", "NAME-1", "links", "name-42"),
				Sort: pick("", "-opened", "due", "control"), Limit: 1 + rnd.IntN(40),
			}
			want := matching(s, all, f)
			var got []string
			for {
				list, next, total, err := s.Findings(t.Context(), f)
				if err != nil {
					t.Fatalf("%+v: %v", f, err)
				}
				if total != nil && *total != len(want) && !f.Overdue {
					t.Errorf("%+v: total %d, want %d", f, *total, len(want))
				}
				for _, x := range list {
					got = append(got, x.ID)
				}
				if f.After = next; next == "" {
					break
				}
			}
			f.After = ""
			if !slices.Equal(got, want) {
				t.Fatalf("%+v: %d found, want %d", f, len(got), len(want))
			}
		}
	})
}

// seed writes findings of all kinds.
func seed(t testing.TB, s *Service, n int, rnd *rand.Rand) {
	t.Helper()
	now := store.Time(s.Clock.Now())
	for from := 0; from < n; from += 5000 {
		err := s.DB.Keep(t.Context(), func(tx *store.Tx) error {
			for i := from; i < min(n, from+5000); i++ {
				k := rnd.IntN(len(s.Checks))
				state := []int{findingOpen, findingOpen, findingOpen, findingExcepted, findingClosed}[rnd.IntN(5)]
				closed, seq, id := int64(0), int64(0), rnd.IntN(max(n/20, 1))
				if state == findingClosed {
					closed, seq = now-rnd.Int64N(int64(n-i)*1000), s.state.number+int64(n+i+1)
				}
				_, err := tx.Exec(`INSERT INTO posture_finding (seq, id, num, kind, subject, name, state, opened, reason, closed, closed_seq, closed_by, closed_reason, exception, owner, due, overdue, former, notes)
					VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'seeded', ?, ?, '', '', '', ?, ?, FALSE, '', 0)`,
					s.state.number+int64(i)+1, fmt.Sprintf("f%07d", i), int64(s.nums[k]), string(s.Checks[k].Subject), fmt.Sprint("s", id), fmt.Sprint("Name-", id), state, now-int64(n-i)*1000,
					closed, seq, []string{"", "", "", "lou", "sam"}[rnd.IntN(5)], now+int64(rnd.IntN(2_000_000))-100_000)
				if err == nil && i%20 == 0 {
					err = storeGiving(tx, giving{seq: s.state.number + int64(i) + 1, at: now - rnd.Int64N(int64(n-i)*1000), was: []string{"", "kim"}[rnd.IntN(2)], wasDue: now - rnd.Int64N(600_000)})
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.restoreLives(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func plain(t *testing.T, s *Service) []Finding {
	t.Helper()
	rows, err := s.DB.Query(t.Context(), "SELECT "+findingColumns+" FROM posture_finding")
	if err != nil {
		t.Fatal(err)
	}
	all, err := s.scanFindings(rows, s.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func matching(s *Service, all []Finding, f FindingFilter) (ids []string) {
	var found []Finding
	contains := func(text, part string) bool { return part == "" || len(part) <= len(text) && containsFold(text, part) }
	for _, x := range all {
		title := x.Check
		if i, ok := s.byNum[x.num]; ok {
			title += " " + s.Checks[i].Title
		}
		owner := f.Owner
		if owner == Unowned {
			owner = ""
		}
		if (f.State == "all" && !f.Overdue || f.State == string(x.State) && !f.Overdue || f.Overdue && x.Overdue) && (f.Control == "" || f.Control == x.Control) && (f.Domain == "" || f.Domain == x.Control[:3]) &&
			(f.Check == "" || f.Check == x.Check) && (f.Owner == "" || owner == x.Owner) && (f.Severity == "" || f.Severity == x.Severity) && (f.Subject == "" || f.Subject == x.Subject.ID) &&
			(f.Query == "" || contains(title, f.Query) || contains(x.Subject.Name, f.Query)) {
			found = append(found, x)
		}
	}
	slices.SortFunc(found, func(a, b Finding) int {
		switch f.Sort {
		case "due":
			if c := a.Due.Compare(b.Due); c != 0 {
				return c
			}
			return int(a.seq - b.seq)
		case "control":
			if a.Check != b.Check {
				return compare(a.Check, b.Check)
			}
		}
		return int(b.seq - a.seq)
	})
	for _, x := range found {
		ids = append(ids, x.ID)
	}
	return ids
}

func containsFold(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}
