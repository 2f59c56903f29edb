package records_test

import (
	"context"
	"strings"
	"testing"

	"github.com/thingward/thingward/server/records"
	"github.com/thingward/thingward/server/store"
)

// TestRemovedRowsAreFound removes rows behind the service's back: a record in force, an item, an acknowledgement, an entry of
// the register. Each is found on the next read and by the verifier, also by a process that never saw the row; restored, or
// said anew by a person, the duty stands again.
func TestRemovedRowsAreFound(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		first := r.approved(policy(), "")
		r.clock.Advance(day)
		rec := r.approved(policy(), "")
		other := r.approved(assessment(), "doors")
		if _, err := r.Acknowledge(as("dora"), other.ID, records.Step{}); err != nil {
			t.Fatal(err)
		}
		if err := sequenced(r); err != nil {
			t.Fatal(err)
		}
		events := 0
		found := func(kind, object, reason string) {
			t.Helper()
			for range 2 {
				if d := r.duty(kind, object); d.State(r.clock.Now()) != records.Changed || !strings.Contains(d.Removed, reason) {
					t.Errorf("%s: %s, %q", kind, d.State(r.clock.Now()), d.Removed)
				}
				if n, err := r.Verify(ctx); err != nil || n == 0 {
					t.Errorf("%s: the verifier finds %d, %v", kind, n, err)
				}
				r.open() // a process that has seen nothing before
			}
			events++
			if got := len(r.published("evidence.altered")); got != events {
				t.Errorf("%s: told %d times in all, want %d", kind, got, events)
			}
		}
		current := func(kind, object string) {
			t.Helper()
			if n, err := r.Verify(ctx); err != nil || n != 0 {
				t.Errorf("%s: %d found, %v", kind, n, err)
			}
			if d := r.duty(kind, object); d.State(r.clock.Now()) != records.Current || d.Removed != "" {
				t.Errorf("%s: %s, %q", kind, d.State(r.clock.Now()), d.Removed)
			}
		}
		current("policy", "organisation")

		// The record in force is removed; then the version before it is raised again in its place.
		mend := r.takeRow("records_record", "id", rec.ID)
		found("policy", "organisation", "version 2, which bert approved on 2026-03-02, was removed")
		r.tamper("UPDATE records_record SET state = 'approved' WHERE id = ?", first.ID)
		if d := r.duty("policy", "organisation"); d.State(r.clock.Now()) != records.Changed || d.Removed == "" {
			t.Errorf("an older version took its place: %s %q", d.State(r.clock.Now()), d.Removed)
		}
		r.tamper("UPDATE records_record SET state = 'superseded' WHERE id = ?", first.ID)
		next := r.must(r.Create(as("anna"), records.Start{Kind: "policy", Body: r.filled(policy())}))
		if next.Version != 3 {
			t.Errorf("the number of the removed version was given again: %d", next.Version)
		}
		r.must(r.Withdraw(as("anna"), next.ID, records.Step{Reason: "only a test"}))
		mend()
		current("policy", "organisation")

		mend = r.takeRow("records_ack", "record", other.ID)
		found("assessment", "doors", "the acknowledgement that dora gave on 2026-03-02 was removed")
		if _, err := r.Acknowledge(as("dora"), other.ID, records.Step{}); err != nil {
			t.Fatal(err)
		}
		current("assessment", "doors")

		it := r.duty("assessment", "doors").Items[0]
		r.takeRow("records_item", "id", it.ID)
		found("assessment", "doors", "")
		d := r.duty("assessment", "doors")
		if len(d.Items) != 1 || d.Items[0].Altered == "" || d.Items[0].Title != it.Title || !d.Items[0].Closed.IsZero() || !d.Items[0].Due.Equal(it.Due) {
			t.Errorf("%+v", d.Items)
		}
		if list, err := r.ListItems(ctx, records.ItemFilter{State: "open", Limit: 10}); err != nil || len(list.Items) != 1 || list.Items[0].ID != it.ID || *list.Total != 1 {
			t.Errorf("%+v %v", list, err)
		}
		if got, err := r.CloseItem(as("carl"), it.ID, "new tiles"); err != nil || got.Altered != "" || got.Object.Name != "doors" {
			t.Errorf("%+v %v", got, err)
		}
		current("assessment", "doors")
		_ = mend
	})
}

// TestRemovedEntriesOweOn removes a supplier: what it owes is owed on, until it is retired by a person.
func TestRemovedEntriesOweOn(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		eased := review()
		eased.Only = func(o records.Object) (bool, string) { return o.Facts["critical"] != false, "it is not critical" }
		r.kinds[2] = eased
		r.open()
		e, err := r.Enter(as("anna"), records.Supplier, records.EntryFacts{Name: "Locks Ltd", Owner: "olga", Facts: records.Body{"critical": false}})
		if err != nil {
			t.Fatal(err)
		}
		if err := sequenced(r); err != nil {
			t.Fatal(err)
		}
		r.takeRow("records_register", "id", e.ID)
		for range 2 {
			if d := r.duty("review", e.ID); !d.Owes || d.Object.Name != "Locks Ltd" {
				t.Errorf("%+v", d)
			}
			n := 0
			if err := r.Duties(ctx, "review", func(*records.Duty) error { n++; return nil }); err != nil || n != 1 {
				t.Errorf("%d duties, %v", n, err)
			}
			if got, err := r.Entry(ctx, e.ID); err != nil || got.Altered == "" {
				t.Errorf("%+v %v", got, err)
			}
			if list, err := r.ListEntries(ctx, records.EntryFilter{Limit: 10}); err != nil || len(list.Items) != 1 || list.Items[0].Altered == "" {
				t.Errorf("%+v %v", list, err)
			}
			if n, err := r.Verify(ctx); err != nil || n != 1 {
				t.Errorf("%d found, %v", n, err)
			}
			r.open()
		}
		if n := len(r.published("evidence.altered")); n != 1 {
			t.Errorf("told %d times", n)
		}
		if got, err := r.RetireEntry(as("anna"), e.ID, "we buy elsewhere"); err != nil || got.Altered != "" || got.Retired.IsZero() {
			t.Errorf("%+v %v", got, err)
		}
		if n, err := r.Verify(ctx); err != nil || n != 0 {
			t.Errorf("%d found, %v", n, err)
		}
	})
}

// takeRow removes a row behind the service's back; what it gives puts it back.
func (r *rig) takeRow(table, column, value string) func() {
	r.t.Helper()
	if err := r.db.Keep(context.Background(), func(tx *store.Tx) error {
		_, err := tx.Exec("CREATE TABLE IF NOT EXISTS taken_" + table + " AS SELECT * FROM " + table + " WHERE 1 = 0")
		return err
	}); err != nil {
		r.t.Fatal(err)
	}
	r.tamper("INSERT INTO taken_"+table+" SELECT * FROM "+table+" WHERE "+column+" = ?", value)
	r.tamper("DELETE FROM "+table+" WHERE "+column+" = ?", value)
	return func() {
		r.t.Helper()
		r.tamper("INSERT INTO " + table + " SELECT * FROM taken_" + table)
	}
}
