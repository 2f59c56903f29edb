package records_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/thingward/thingward/server/records"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

func TestDutiesOfTheRegister(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		enter := func(name string, critical bool) records.Entry {
			t.Helper()
			e, err := r.Enter(as("anna"), records.Supplier, records.EntryFacts{Name: name, System: "s1", Owner: "olga", Facts: records.Body{"critical": critical}})
			if err != nil {
				t.Fatal(err)
			}
			return e
		}
		locks, paint, gone := enter("Locks Ltd", true), enter("Paint Ltd", false), enter("Gone Ltd", true)
		if locks.System != "doors" {
			t.Errorf("the system is kept by name: %+v", locks)
		}
		if _, err := r.RetireEntry(as("anna"), gone.ID, "bankrupt"); err != nil {
			t.Fatal(err)
		}
		enter("Gone Ltd", false) // a retired name is free again
		r.approved(assessment(), "doors")
		r.approved(review(), "Locks Ltd")
		d := r.duty("review", "Locks Ltd")
		if len(d.Others) != 1 || d.Others[0].Kind != "assessment" || len(d.Objects[records.Type]) != 1 || d.Objects[records.Type][0].ID != "door-lock" {
			t.Errorf("%+v", d)
		}
		for _, c := range []struct {
			filter records.DutyFilter
			want   []string
		}{
			{records.DutyFilter{}, []string{"policy organisation missing", "assessment s1 current", "assessment s2 missing", "review " + locks.ID + " expiring"}},
			{records.DutyFilter{State: "not-owed"}, []string{"review " + paint.ID + " not-owed", "review " + gone.ID + " not-owed", ""}},
			{records.DutyFilter{Kind: "assessment", State: "missing"}, []string{"assessment s2 missing"}},
			{records.DutyFilter{System: "doors"}, []string{"assessment s1 current", "review " + locks.ID + " expiring"}},
			{records.DutyFilter{About: "supplier", Query: "LOCKS"}, []string{"review " + locks.ID + " expiring"}},
			{records.DutyFilter{Owner: "carl"}, []string{"assessment s1 current", "review " + locks.ID + " expiring"}},
		} {
			var got []string
			for c.filter.Limit = 1; ; { // a page for each
				page, err := r.ListDuties(context.Background(), c.filter)
				if err != nil {
					t.Fatal(err)
				}
				for _, o := range page.Items {
					got = append(got, fmt.Sprintf("%s %s %s", o.Kind, o.Object.ID, o.State))
				}
				if c.filter.After = page.Next; page.Next == "" {
					break
				}
			}
			if len(c.want) == 3 && c.want[2] == "" { // the third is the new Gone Ltd
				if len(got) != 3 || got[0] != c.want[0] || got[1] != c.want[1] {
					t.Errorf("%+v: %v", c.filter, got)
				}
			} else if !slices.Equal(got, c.want) {
				t.Errorf("%+v: %v, want %v", c.filter, got, c.want)
			}
		}
		sum, err := r.SummarizeDuties(context.Background())
		if err != nil || sum.Counts[records.Missing] != 2 || sum.Counts[records.NotOwed] != 3 || sum.Items.Open != 1 {
			t.Errorf("%+v %v", sum, err)
		}
		days, err := r.Calendar(context.Background(), time.Time{}, start.AddDate(1, 0, 0))
		if err != nil || len(days) != 3 || days[0].Kind != "review" || days[1].What != "item" || days[2].State != "current" {
			t.Errorf("%+v %v", days, err)
		}
		if _, ok, err := r.Duty(context.Background(), "review", "ghost"); ok || err != nil {
			t.Error("a duty of nothing", err)
		}
		if d := r.duty("review", gone.ID); d.Owes || d.Why != "it is retired" {
			t.Errorf("%+v", d)
		}
	})
}

// crowded is a rig with many objects, each with an approved record, written as approval writes it but without its steps.
func crowded(t testing.TB, n int) *rig {
	r := newRig(t, storetest.Open(t))
	for i := range n {
		id := fmt.Sprintf("x%06d", i)
		r.world.objects[records.System] = append(r.world.objects[records.System], records.Object{Kind: records.System, ID: id, Name: id, Owner: "olga"})
	}
	model := r.approved(assessment(), "x000000")
	ctx := context.Background()
	err := r.db.Keep(ctx, func(tx *store.Tx) error {
		for i := 1; i < n; i++ {
			id := fmt.Sprintf("x%06d", i)
			_, err := tx.Exec(`INSERT INTO records_record SELECT ? || substr(id, 7), kind, about, ?, ?, system, site, version, state, owner, author, writers, approver, body, performed, effective, expires, created, changed, reason, digest, entry, '', etag
				FROM records_record WHERE id = ?`, fmt.Sprintf("%06x", i), id, id, model.ID)
			if err != nil {
				return err
			}
			if _, err = tx.Exec("INSERT INTO records_evidence SELECT ? || substr(id, 7), ? || substr(record, 7), name, media, size, sha256, link, added, added_by, facts FROM records_evidence WHERE record = ?", fmt.Sprintf("%06x", i), fmt.Sprintf("%06x", i), model.ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestManyDutiesAskTheWorldOnce: what the judgement of many looks at is read once, not for each.
func TestManyDutiesAskTheWorldOnce(t *testing.T) {
	r := crowded(t, 1500)
	r.world.asked = 0
	n, altered := 0, 0
	err := r.Duties(context.Background(), "assessment", func(d *records.Duty) error {
		n++
		if d.InForce != nil && d.InForce.Altered != "" {
			altered++
		}
		return nil
	})
	if err != nil || n != 1502 {
		t.Fatalf("%d duties, %v", n, err)
	}
	if r.world.asked > 3 {
		t.Errorf("the world was asked %d times", r.world.asked)
	}
	if altered != 1499 { // copies that nobody approved
		t.Errorf("%d copies were taken for approved records", 1499-altered)
	}
}

// approvedCrowd is a rig with many objects, each with a record that was really approved.
func approvedCrowd(b *testing.B, n int) *rig {
	r := newRig(b, openStore(b))
	k := assessment()
	k.Files.Least = 0
	r.kinds[1] = k
	r.open()
	r.world.objects[records.System] = nil
	for i := range n {
		id := fmt.Sprintf("x%06d", i)
		r.world.objects[records.System] = append(r.world.objects[records.System], records.Object{Kind: records.System, ID: id, Name: id, Owner: "olga"})
	}
	objects := make(chan string)
	var all sync.WaitGroup
	for range 64 { // changes that wait together share a commit
		all.Go(func() {
			for id := range objects {
				r.approved(k, id)
			}
		})
	}
	for i := range n {
		objects <- fmt.Sprintf("x%06d", i)
	}
	close(objects)
	all.Wait()
	if err := sequenced(r); err != nil {
		b.Fatal(err)
	}
	return r
}

const crowd = 10_000

func BenchmarkDuties(b *testing.B) {
	r := approvedCrowd(b, crowd)
	b.ResetTimer()
	for b.Loop() {
		n := 0
		err := r.Duties(context.Background(), "assessment", func(d *records.Duty) error {
			if d.State(start) == records.Current {
				n++
			}
			return nil
		})
		if err != nil || n != crowd {
			b.Fatal(n, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*crowd), "µs/duty")
}

func BenchmarkListDuties(b *testing.B) {
	r := approvedCrowd(b, crowd)
	b.ResetTimer()
	for b.Loop() {
		if page, err := r.ListDuties(context.Background(), records.DutyFilter{Kind: "assessment", Limit: 100}); err != nil || len(page.Items) != 100 {
			b.Fatal(err)
		}
	}
}

func openStore(t testing.TB) *store.DB {
	t.Helper()
	return storetest.Open(t)
}
