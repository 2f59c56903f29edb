package records_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/records"
)

func TestLifeOfARecord(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		if d := r.duty("policy", "organisation"); d.State(r.clock.Now()) != records.Missing || !d.Owes {
			t.Fatalf("%+v", d)
		}
		rec := r.must(r.Create(as("anna"), records.Start{Kind: "policy", Body: r.filled(policy())}))
		if rec.Version != 1 || rec.State != records.Draft || rec.Owner != "anna" {
			t.Fatalf("%+v", rec)
		}
		_, err := r.Create(as("bert"), records.Start{Kind: "policy", Body: r.filled(policy())})
		faulty(t, err, fleet.CodeConflict)
		_, err = r.Approve(as("bert"), rec.ID, records.Step{})
		faulty(t, err, fleet.CodeConflict)
		rec = r.must(r.Submit(as("anna"), rec.ID, records.Step{}))
		if d := r.duty("policy", "organisation"); d.State(r.clock.Now()) != records.Waiting {
			t.Errorf("%s", d.State(r.clock.Now()))
		}
		_, err = r.Change(as("anna"), rec.ID, "", "", r.filled(policy()))
		faulty(t, err, fleet.CodeConflict)
		_, err = r.Approve(as("anna"), rec.ID, records.Step{})
		faulty(t, err, fleet.CodeForbidden, "approver")
		_, err = r.Reject(as("bert"), rec.ID, records.Step{})
		faulty(t, err, fleet.CodeInvalid, "reason")
		rec = r.must(r.Reject(as("bert"), rec.ID, records.Step{Reason: "say more of doors"}))
		rec = r.must(r.Change(as("carl"), rec.ID, "", "", r.filled(policy(), "exceptions", "None, ever.")))
		if rec.State != records.Draft || rec.Digest != "" {
			t.Errorf("after a rejection: %+v", rec)
		}
		first := rec.ID
		rec = r.must(r.Submit(as("anna"), rec.ID, records.Step{}))
		_, err = r.Approve(as("carl"), rec.ID, records.Step{}) // wrote a part of it
		faulty(t, err, fleet.CodeForbidden, "approver")
		if dry := r.must(r.Approve(as("bert"), rec.ID, records.Step{DryRun: true})); dry.State != records.Approved {
			t.Errorf("rehearsal: %+v", dry)
		}
		if d, err := r.Get(context.Background(), rec.ID); err != nil || d.State != records.Submitted || len(d.Faults) != 0 || !d.Ends.Expires.Equal(start.Add(365*day)) {
			t.Errorf("after a rehearsal: %+v %v", d, err)
		}
		rec = r.must(r.Approve(as("bert"), rec.ID, records.Step{}))
		if !rec.Expires.Equal(start.Add(365*day)) || !rec.Effective.Equal(start) || rec.Approver != "bert" || rec.Author != "anna" {
			t.Errorf("%+v", rec)
		}
		for _, step := range []func(context.Context, string, records.Step) (records.Record, error){r.Submit, r.Approve, r.Reject} {
			_, err := step(as("bert"), rec.ID, records.Step{Reason: "again"})
			faulty(t, err, fleet.CodeConflict)
		}
		_, err = r.Attach(as("anna"), rec.ID, "late.pdf", "", []byte("x"))
		faulty(t, err, fleet.CodeConflict)

		r.clock.Advance(300 * day)
		next := r.must(r.Create(as("bert"), records.Start{Kind: "policy", From: first}))
		if next.Version != 2 || next.Body["exceptions"] != "None, ever." {
			t.Errorf("%+v", next)
		}
		r.must(r.Submit(as("bert"), next.ID, records.Step{}))
		if d := r.duty("policy", "organisation"); d.InForce.Version != 1 || d.Newest.Version != 2 || d.State(r.clock.Now()) != records.Current {
			t.Errorf("while the next waits: %+v", d)
		}
		r.must(r.Approve(as("anna"), next.ID, records.Step{}))
		d, err := r.Get(context.Background(), first)
		if err != nil || d.State != records.Superseded || len(d.Versions) != 2 || d.Altered != "" {
			t.Errorf("%+v %v", d, err)
		}
		r.must(r.Withdraw(as("carl"), next.ID, records.Step{Reason: "never meant"}))
		if d := r.duty("policy", "organisation"); d.InForce != nil || d.State(r.clock.Now()) != records.Missing {
			t.Errorf("after a withdrawal: %+v", d)
		}
		for typ, n := range map[string]int{"record.drafted": 2, "record.changed": 1, "record.submitted": 3, "record.rejected": 1, "record.approved": 2, "record.withdrawn": 1} {
			if got := len(r.recorded(typ)); got != n {
				t.Errorf("%d entries %s, want %d", got, typ, n)
			}
		}
		if n := len(r.published("record.refused")); n < 9 {
			t.Errorf("%d refusals reported", n)
		}
	})
}

func TestWhatIsMissingIsNamed(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		k := assessment()
		cases := []struct {
			name  string
			more  []any
			paths []string
		}{
			{"nothing missing", nil, nil},
			{"no date", []any{"done", nil}, []string{"done"}},
			{"ahead", []any{"done", "2026-03-02"}, []string{"done"}},
			{"over already", []any{"done", "2025-11-01"}, []string{"done"}},
			{"stranger", []any{"assessor", "zoe"}, []string{"assessor"}},
			{"left", []any{"assessor", "gone"}, []string{"assessor"}},
			{"not independent", []any{"assessor", "olga"}, []string{"assessor"}},
			{"not covered", []any{"areas", []any{"roof"}}, []string{"areas"}},
			{"row missing", []any{"practices", []any{map[string]any{"practice": "plan", "score": 1.0}}}, []string{"practices"}},
			{"cell missing", []any{"practices", []any{map[string]any{"practice": "plan"}, map[string]any{"practice": "build", "score": 1.0}}}, []string{"practices[0].score"}},
			{"unknown type", []any{"types", []any{"door-lock", "ghost"}}, []string{"types[1]"}},
			{"end has passed", []any{"ends", "2026-02-28"}, []string{"ends"}},
			{"end is today", []any{"ends", "2026-03-01"}, nil},
			{"item of nobody", []any{"todo", []any{map[string]any{"title": "x", "owner": "zoe", "due": "2026-05-01"}}}, []string{"todo[0].owner"}},
			{"own rule", []any{"score", 1.0}, []string{"score"}},
		}
		for _, c := range cases {
			rec := r.must(r.Create(as("anna"), records.Start{Kind: k.Name, Object: "doors", Owner: "carl", Body: r.filled(k, c.more...)}))
			_, err := r.AttachLink(as("anna"), rec.ID, "report", "https://example.com/r", strings.Repeat("ab", 32))
			if err != nil {
				t.Fatal(err)
			}
			_, err = r.Submit(as("anna"), rec.ID, records.Step{DryRun: true})
			switch {
			case c.paths != nil:
				t.Run(c.name, func(t *testing.T) { faulty(t, err, fleet.CodeInvalid, c.paths...) })
			case err != nil:
				t.Errorf("%s: %v", c.name, err)
			}
			d, err := r.Get(context.Background(), rec.ID)
			if err != nil || len(d.Faults) != len(c.paths) {
				t.Errorf("%s: the draft shows %v, %v", c.name, d.Faults, err)
			}
			r.must(r.Withdraw(as("anna"), rec.ID, records.Step{Reason: "next case"}))
		}
		rec := r.must(r.Create(as("anna"), records.Start{Kind: k.Name, Object: "doors", Owner: "carl", Body: r.filled(k)}))
		_, err := r.Submit(as("anna"), rec.ID, records.Step{})
		faulty(t, err, fleet.CodeInvalid, "evidence")
		_, err = r.Create(as("anna"), records.Start{Kind: k.Name, Object: "heating", Owner: "gone", Body: records.Body{"score": "many", "colour": 1.0}})
		faulty(t, err, fleet.CodeInvalid, "colour", "score", "owner")
		_, err = r.Create(as("anna"), records.Start{Kind: k.Name, Object: "roof"})
		faulty(t, err, fleet.CodeInvalid, "object")
		_, err = r.Create(as("anna"), records.Start{Kind: "ghost"})
		faulty(t, err, fleet.CodeInvalid, "kind")
		// Nobody knows who owns the heating, so nobody is independent of its owner.
		rec = r.must(r.Create(as("anna"), records.Start{Kind: k.Name, Object: "heating", Owner: "carl", Body: r.filled(k)}))
		if _, err := r.Attach(as("anna"), rec.ID, "report.pdf", "application/pdf", []byte("x")); err != nil {
			t.Fatal(err)
		}
		_, err = r.Submit(as("anna"), rec.ID, records.Step{})
		faulty(t, err, fleet.CodeInvalid, "assessor")
		for _, ev := range r.published("record.refused") {
			if ev.Data["step"] == "" || ev.Check() != nil {
				t.Errorf("%+v", ev)
			}
		}
	})
}

// TestExpiryWhileTheClockMoves follows a record from approval to beyond its end, and a clock that goes backwards.
func TestExpiryWhileTheClockMoves(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		k := assessment()
		rec := r.approved(k, "doors") // done three days ago, counts for 90
		end := time.Date(2026, 2, 26, 0, 0, 0, 0, time.UTC).Add(90 * day)
		if !rec.Expires.Equal(end) {
			t.Fatalf("ends %s", rec.Expires)
		}
		for _, c := range []struct {
			at   time.Time
			want records.DutyState
		}{
			{start, records.Current},
			{end.Add(-30*day - time.Second), records.Current},
			{end.Add(-30 * day), records.Expiring},
			{end.Add(-time.Microsecond), records.Expiring},
			{end, records.Expired},
			{end.Add(1000 * day), records.Expired},
		} {
			r.clock.Set(c.at)
			if got := r.duty(k.Name, "s1").State(c.at); got != c.want {
				t.Errorf("at %s: %s, want %s", c.at, got, c.want)
			}
		}
		// What was done later is approved later: it proves nothing about the time before.
		r.clock.Set(end.Add(5 * day))
		next := r.must(r.Create(as("anna"), records.Start{Kind: k.Name, Object: "doors", From: rec.ID, Body: records.Body{"done": "2026-02-25", "todo": nil}}))
		if _, err := r.Attach(as("anna"), next.ID, "report.pdf", "", []byte("old")); err != nil {
			t.Fatal(err)
		}
		_, err := r.Submit(as("anna"), next.ID, records.Step{})
		faulty(t, err, fleet.CodeInvalid, "done") // what was done then is over already
		r.clock.Set(end.Add(-5 * day))
		_, err = r.Submit(as("anna"), next.ID, records.Step{})
		faulty(t, err, fleet.CodeInvalid, "done") // older than the version in force
		body := r.filled(k, "done", "2026-05-20", "ends", "2026-06-30", "todo", nil)
		r.must(r.Change(as("anna"), next.ID, "", "", body))
		r.must(r.Submit(as("anna"), next.ID, records.Step{}))
		r.clock.Advance(-day)
		_, err = r.Approve(as("bert"), next.ID, records.Step{})
		faulty(t, err, fleet.CodeConflict) // the clock went backwards
		r.clock.Advance(2 * day)
		done := r.must(r.Approve(as("bert"), next.ID, records.Step{}))
		if !done.Effective.Equal(r.clock.Now()) || !done.Expires.Equal(time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("counts from %s to %s", done.Effective, done.Expires)
		}
	})
}

func TestItemsAreTrackedOverVersions(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		k := assessment()
		rec := r.approved(k, "doors")
		page, err := r.ListItems(context.Background(), records.ItemFilter{State: "open", Limit: 10})
		if err != nil || len(page.Items) != 1 || page.Items[0].Title != "Mend the roof" || !page.Items[0].Due.Equal(time.Date(2026, 4, 2, 0, 0, 0, 0, time.UTC)) {
			t.Fatalf("%+v %v", page, err)
		}
		it := page.Items[0]
		r.clock.Advance(10 * day)
		row := func(title, owner, due string) map[string]any {
			return map[string]any{"title": title, "owner": owner, "due": due}
		}
		next := r.approved(k, "doors", "todo", []any{row("mend the ROOF", "dora", "2026-05-01"), row("Paint it", "carl", "2026-06-01")})
		d := r.duty(k.Name, "s1")
		if len(d.Items) != 2 || d.Items[0].ID != it.ID || d.Items[0].Owner != "dora" || d.Items[0].Record != next.ID {
			t.Errorf("%+v", d.Items)
		}
		r.clock.Advance(60 * day)
		page, err = r.ListItems(context.Background(), records.ItemFilter{Overdue: true, Limit: 10})
		if err != nil || len(page.Items) != 1 || *page.Total != 1 {
			t.Errorf("%+v %v", page, err)
		}
		_, err = r.ChangeItem(as("carl"), it.ID, records.ItemChange{Due: r.clock.Now().Add(-day)})
		faulty(t, err, fleet.CodeInvalid, "due")
		_, err = r.ChangeItem(as("carl"), it.ID, records.ItemChange{Owner: "zoe"})
		faulty(t, err, fleet.CodeInvalid, "owner")
		if got, err := r.ChangeItem(as("carl"), it.ID, records.ItemChange{Due: r.clock.Now().Add(day)}); err != nil || got.Owner != "dora" {
			t.Errorf("%+v %v", got, err)
		}
		_, err = r.CloseItem(as("carl"), it.ID, " ")
		faulty(t, err, fleet.CodeInvalid, "outcome")
		if got, err := r.CloseItem(as("carl"), it.ID, "new tiles"); err != nil || got.ClosedBy != "carl" {
			t.Errorf("%+v %v", got, err)
		}
		_, err = r.CloseItem(as("carl"), it.ID, "again")
		faulty(t, err, fleet.CodeConflict)
		if got := len(r.duty(k.Name, "s1").Items); got != 2 {
			t.Errorf("%d items, the closed one belongs to them", got)
		}
		if rec.ID == next.ID || len(r.recorded("item.opened")) != 2 || len(r.recorded("item.changed")) != 2 || len(r.recorded("item.closed")) != 1 {
			t.Error("not every change of an item is in the audit log")
		}
	})
}

func TestAcknowledgementsFollowThePeople(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		rec := r.approved(policy(), "")
		d := r.duty("policy", "organisation")
		if len(d.Acks) != 2 || !d.Acks[0].At.IsZero() {
			t.Fatalf("%+v", d.Acks)
		}
		for range 2 {
			r.must(r.Acknowledge(as("anna"), rec.ID, records.Step{}))
		}
		_, err := r.Acknowledge(as("carl"), rec.ID, records.Step{})
		faulty(t, err, fleet.CodeForbidden)
		if n := len(r.recorded("record.acknowledged")); n != 1 {
			t.Errorf("%d entries for one acknowledgement", n)
		}
		if d = r.duty("policy", "organisation"); d.Acks[0].Account != "anna" || d.Acks[0].At.IsZero() || !d.Acks[1].At.IsZero() {
			t.Errorf("%+v", d.Acks)
		}
		r.world.people[1].Active, r.world.people[2].Administrator = false, true // bert left, carl took over
		if d = r.duty("policy", "organisation"); len(d.Acks) != 2 || d.Acks[1].Account != "carl" {
			t.Errorf("%+v", d.Acks)
		}
		r.clock.Advance(day)
		r.world.people[1].Active = true
		next := r.approved(policy(), "")
		if d = r.duty("policy", "organisation"); len(d.Acks) != 3 || !d.Acks[0].At.IsZero() {
			t.Errorf("an old acknowledgement counts for a new version: %+v", d.Acks)
		}
		_, err = r.Acknowledge(as("anna"), rec.ID, records.Step{})
		faulty(t, err, fleet.CodeConflict)
		// Named readers, and whether those whom a form names are still here.
		as2 := r.approved(assessment(), "doors")
		d = r.duty("assessment", "doors")
		if len(d.Acks) != 1 || d.Acks[0].Account != "dora" || !d.People["dora"] || !d.People["carl"] || d.InForce.ID != as2.ID || next.ID == rec.ID {
			t.Errorf("%+v", d)
		}
		r.world.people[3].Active = false
		if d = r.duty("assessment", "doors"); d.People["dora"] {
			t.Error("dora has left")
		}
	})
}
