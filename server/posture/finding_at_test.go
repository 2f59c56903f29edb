package posture

import (
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

// handed is an engine with a finding that is given to lou after one minute and to sam after two, noted after one, excepted from the
// third to the fourth, and closed after five.
func handed(t *testing.T, db *store.DB) (*Service, string) {
	t.Helper()
	ctx, clk := as(t.Context(), "mara"), clock.NewFake(start)
	w := locks(clk)
	s := engine(t, db, w, clk, nil)
	mustSweep(t, s)
	one := listed1(t, s, FindingFilter{Subject: "d1"})[0].ID
	for _, name := range []string{"lou", "sam"} {
		clk.Advance(time.Minute)
		due := clk.Now().Add(90 * time.Second)
		if err := s.Assign(ctx, []string{one}, Assignment{Owner: &name, Due: &due}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Note(ctx, one, "to "+name); err != nil {
			t.Fatal(err)
		}
	}
	clk.Advance(time.Minute)
	e := grant(t, s, func(e *Exception) { e.Subject = &Ref{Kind: Device, ID: "d1"} })
	clk.Advance(time.Minute)
	if _, err := s.WithdrawException(ctx, e.ID, "no longer"); err != nil {
		t.Fatal(err)
	}
	clk.Advance(time.Minute)
	s.say(t, w, "d1", "2")
	mustSweep(t, s)
	clk.Advance(time.Hour)
	return s, one
}

func TestFindingAsItWas(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		s, one := handed(t, db)
		for minutes, want := range []struct {
			state   FindingState
			owner   string
			notes   int
			overdue bool
		}{{FindingOpen, "", 0, false}, {FindingOpen, "lou", 1, false}, {FindingOpen, "sam", 2, false}, {FindingExcepted, "sam", 2, false}, {FindingOpen, "sam", 2, true}, {FindingClosed, "sam", 2, false}} {
			then := start.Add(time.Duration(minutes) * time.Minute)
			d, err := s.FindingAt(t.Context(), one, then)
			if err != nil {
				t.Fatal(err)
			}
			if d.State != want.state || d.Owner != want.owner || len(d.Log) != want.notes || d.Notes != want.notes || d.Overdue != want.overdue ||
				(d.Exception == "") == (want.state == FindingExcepted) || (d.Closed == nil) == (want.state == FindingClosed) || d.AsOf == nil || d.AsOf.Altered || d.AsOf.Checkpoint.Note == "" {
				t.Errorf("after %d minutes %+v %+v, want %+v", minutes, d, d.AsOf, want)
			}
			if d.Entry == nil || !d.Entry.Bound {
				t.Errorf("after %d minutes %+v", minutes, d.Entry)
			}
			for _, f := range []FindingFilter{{State: "all"}, {State: string(want.state), Owner: want.owner + strings.Repeat(Unowned, max(0, 1-len(want.owner)))}} {
				f.At, f.Subject = then, "d1"
				if list := listed1(t, s, f); len(list) != 1 || !alike(list[0], d.Finding) {
					t.Errorf("after %d minutes %+v, want %+v", minutes, list, d.Finding)
				}
			}
		}
		if _, err := s.FindingAt(t.Context(), one, start.Add(-time.Second)); fleet.CodeOf(err) != fleet.CodeNotFound || !strings.Contains(err.Error(), "opened later") {
			t.Errorf("before it was opened: %v", err)
		}
		if _, err := s.FindingAt(t.Context(), "none", start); fleet.CodeOf(err) != fleet.CodeNotFound {
			t.Errorf("%v", err)
		}
		if _, err := s.FindingAt(t.Context(), one, s.Clock.Now().Add(time.Hour)); fleet.CodeOf(err) != fleet.CodeInvalid {
			t.Errorf("the future: %v", err)
		}
	})
}

func TestForgedAssignmentOrNoteIsCaught(t *testing.T) {
	for name, forge := range map[string]string{
		"another owner":           "UPDATE posture_assignment SET was_owner = 'kim' WHERE n = 2",
		"another due date":        "UPDATE posture_assignment SET was_due = was_due + 1000000 WHERE n = 2",
		"an assignment taken out": "DELETE FROM posture_assignment WHERE n = 2",
		"a note taken out":        "DELETE FROM posture_note WHERE body = 'to lou'",
		"another text":            "UPDATE posture_note SET body = 'to nobody' WHERE body = 'to lou'",
		"a note put in":           "INSERT INTO posture_note SELECT 'x', finding, at, author, 'all is well' FROM posture_note WHERE body = 'to lou'",
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Engines(t, func(t *testing.T, db *store.DB) {
				s, one := handed(t, db)
				err := db.Keep(t.Context(), func(tx *store.Tx) error {
					n, err := tx.Exec(forge)
					if n == 0 {
						t.Error("nothing was forged")
					}
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				if _, err := s.restoreLives(t.Context()); err != nil {
					t.Fatal(err)
				}
				if d, err := s.FindingAt(t.Context(), one, start.Add(90*time.Second)); err != nil || !d.AsOf.Altered {
					t.Errorf("not caught: %+v %v", d, err)
				}
			})
		})
	}
}

func TestPastRoutesOfFindingsAndChecks(t *testing.T) {
	s := newSite(t)
	clk, _ := s.Clock.(*clock.Fake)
	var list struct {
		Items []Finding
		Next  string
		Total *int
	}
	s.call("GET", "/findings?control=COM-10", 200, &list)
	one := list.Items[0]
	clk.Advance(time.Minute)
	s.send("PUT", "/findings/"+one.ID, anything{"owner": "lou"}, 200, nil)
	clk.Advance(24 * time.Hour)
	before, after := start.Add(time.Second).Format(time.RFC3339), start.Add(2*time.Minute).Format(time.RFC3339)
	var d FindingDetail
	s.call("GET", "/findings/"+one.ID+"?at="+before, 200, &d)
	if d.Owner != "" || d.AsOf == nil || d.Entry == nil {
		t.Errorf("%+v", d)
	}
	s.call("GET", "/findings/"+one.ID+"?at="+after, 200, &d)
	if d.Owner != "lou" {
		t.Errorf("%+v", d)
	}
	s.call("GET", "/findings/"+one.ID+"?at="+start.Add(-time.Hour).Format(time.RFC3339), 404, nil)
	s.call("GET", "/findings/"+one.ID+"?at=2030-01-01T00:00:00Z", 422, nil)
	for query, want := range map[string]int{"owner=lou&at=" + after: 1, "owner=lou&at=" + before: 0, "owner=-&sort=due&at=" + before: 3, "sort=control&limit=2&at=" + after: 3} {
		s.call("GET", "/findings?"+query, 200, &list)
		if list.Total == nil || *list.Total != want || len(list.Items) != min(want, 2) && len(list.Items) != want {
			t.Errorf("%s: %+v", query, list)
		}
	}
	var steps struct{ Items []historyItem }
	s.call("GET", "/controls/COM-10/history?check=COM-10/links", 200, &steps)
	if len(steps.Items) != 1 || steps.Items[0].Counts == nil || steps.Items[0].Counts.Fail != 3 || steps.Items[0].Status != fleet.Fail {
		t.Errorf("%+v", steps)
	}
	s.w.devices["d0"].Inventory = inventory("2")
	s.Changed(Device, "d0")
	s.Settle(t.Context())
	for query, want := range map[string]int{"check=COM-10/links": 2, "check=COM-10/links&days=1": 2, "check=COM-10/links&limit=1": 1, "days=1": 0, "days=2": 1, "": 1} {
		if s.call("GET", "/controls/COM-10/history?"+query, 200, &steps); len(steps.Items) != want {
			t.Errorf("%q: %+v", query, steps)
		}
	}
	s.call("GET", "/controls/COM-10/history?check=COM-10/other", 422, nil)
	s.call("GET", "/controls/COM-10/history?check=SNT-18/heard", 422, nil)
	s.call("GET", "/controls/COM-10/history?days=0", 422, nil)
}
