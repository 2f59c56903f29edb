package records_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/records"
	"github.com/thingward/thingward/server/store"
)

// tamper changes the database behind the service's back.
func (r *rig) tamper(query string, args ...any) {
	r.t.Helper()
	err := r.db.Keep(context.Background(), func(tx *store.Tx) error {
		n, err := tx.Exec(query, args...)
		if err == nil && n == 0 {
			r.t.Errorf("%s touched nothing", query)
		}
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

func TestEvidenceIsKeptSealed(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		rec := r.must(r.Create(as("anna"), records.Start{Kind: "assessment", Object: "doors"}))
		content := bytes.Repeat([]byte("every word of the report. "), 40_000) // four pieces
		e, err := r.Attach(as("anna"), rec.ID, "report.txt", "text/plain", content)
		if err != nil {
			t.Fatal(err)
		}
		_, got, err := r.File(as("carl"), rec.ID, e.ID)
		if err != nil || !bytes.Equal(got, content) {
			t.Fatalf("%d bytes, %v", len(got), err)
		}
		var box []byte
		if err := r.db.QueryRow(context.Background(), "SELECT box FROM records_chunk WHERE evidence = ? AND n = 0", e.ID).Scan(&box); err != nil || bytes.Contains(box, []byte("report")) {
			t.Errorf("stored in clear: %v", err)
		}
		for _, c := range []struct {
			name, media string
			content     []byte
			code        fleet.Code
			path        string
		}{
			{"report.txt", "text/plain", content, fleet.CodeConflict, ""},
			{"empty", "", nil, fleet.CodeInvalid, "file"},
			{"../../etc/passwd", "", []byte("x"), fleet.CodeInvalid, "name"},
			{"a\x00b", "", []byte("x"), fleet.CodeInvalid, "name"},
			{strings.Repeat("n", 200), "", []byte("x"), fleet.CodeInvalid, "name"},
			{"page", "text/html\r\nX: y", []byte("x"), fleet.CodeInvalid, "media"},
			{"big", "", make([]byte, records.FileMost+1), fleet.CodeInvalid, "file"},
		} {
			_, err := r.Attach(as("anna"), rec.ID, c.name, c.media, c.content)
			if c.path == "" {
				faulty(t, err, c.code)
				continue
			}
			faulty(t, err, c.code, c.path)
		}
		for _, link := range []string{"http://a.example", "https://u:p@a.example/x", "javascript:alert(1)", "https://", "https://a.example/\x01"} {
			_, err := r.AttachLink(as("anna"), rec.ID, "l", link, "")
			faulty(t, err, fleet.CodeInvalid, "link")
		}
		_, err = r.AttachLink(as("anna"), rec.ID, "l", "https://a.example", "abc")
		faulty(t, err, fleet.CodeInvalid, "sha256")
		link, err := r.AttachLink(as("anna"), rec.ID, "", "https://a.example/x", strings.Repeat("AB", 32))
		if err != nil || link.Name != "https://a.example/x" {
			t.Fatal(link, err)
		}
		_, _, err = r.File(as("anna"), rec.ID, link.ID)
		faulty(t, err, fleet.CodeConflict)
		if err := r.Remove(as("anna"), rec.ID, e.ID); err != nil {
			t.Fatal(err)
		}
		faulty(t, r.Remove(as("anna"), rec.ID, e.ID), fleet.CodeNotFound)
		var left int
		if err := r.db.QueryRow(context.Background(), "SELECT count(*) FROM records_chunk").Scan(&left); err != nil || left != 0 {
			t.Errorf("%d pieces are left of a removed file, %v", left, err)
		}
		if len(r.recorded("evidence.added")) != 2 || len(r.recorded("evidence.removed")) != 1 || len(r.published("record.refused")) < 12 {
			t.Error("not every step on evidence is recorded or reported")
		}
	})
}

// TestExchangedEvidenceIsFound exchanges, cuts, drops and rewrites stored evidence after approval. Each is found and located,
// fails the duty, and is reported once; restored, the record counts again.
func TestExchangedEvidenceIsFound(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		k := assessment()
		rec := r.must(r.Create(as("anna"), records.Start{Kind: k.Name, Object: "doors", Body: r.filled(k)}))
		good, err := r.Attach(as("anna"), rec.ID, "good.txt", "text/plain", bytes.Repeat([]byte("g"), 600_000))
		if err != nil {
			t.Fatal(err)
		}
		bad, err := r.Attach(as("anna"), rec.ID, "bad.txt", "text/plain", bytes.Repeat([]byte("b"), 600_000))
		if err != nil {
			t.Fatal(err)
		}
		r.must(r.Submit(as("anna"), rec.ID, records.Step{}))
		box := func(e records.Evidence, n int) (b []byte) {
			if err := r.db.QueryRow(context.Background(), "SELECT box FROM records_chunk WHERE evidence = ? AND n = ?", e.ID, n).Scan(&b); err != nil {
				t.Fatal(err)
			}
			return b
		}
		first, second, other := box(good, 0), box(good, 1), box(bad, 1)

		// Before approval too: it is refused, and what is wrong is named.
		r.tamper("UPDATE records_chunk SET box = ? WHERE evidence = ? AND n = 1", other, good.ID)
		_, err = r.Approve(as("bert"), rec.ID, records.Step{})
		faulty(t, err, fleet.CodeConflict)
		if !strings.Contains(err.Error(), `"good.txt"`) || !strings.Contains(err.Error(), "piece 2 of 3") {
			t.Errorf("not located: %v", err)
		}
		r.tamper("UPDATE records_chunk SET box = ? WHERE evidence = ? AND n = 1", second, good.ID)
		r.must(r.Approve(as("bert"), rec.ID, records.Step{}))
		if d := r.duty(k.Name, "doors"); d.InForce.Altered != "" || d.State(r.clock.Now()) != records.Current {
			t.Fatalf("%+v", d.InForce)
		}
		events := len(r.published("evidence.altered"))
		for name, c := range map[string]struct{ harm, mend func() }{
			"exchanged between files": {
				func() { r.tamper("UPDATE records_chunk SET box = ? WHERE evidence = ? AND n = 1", other, good.ID) },
				func() { r.tamper("UPDATE records_chunk SET box = ? WHERE evidence = ? AND n = 1", second, good.ID) },
			},
			"exchanged inside the file": {
				func() { r.tamper("UPDATE records_chunk SET box = ? WHERE evidence = ? AND n = 1", first, good.ID) },
				func() { r.tamper("UPDATE records_chunk SET box = ? WHERE evidence = ? AND n = 1", second, good.ID) },
			},
			"dropped": {
				func() { r.tamper("DELETE FROM records_chunk WHERE evidence = ? AND n = 0", good.ID) },
				func() { r.tamper("INSERT INTO records_chunk (evidence, n, box) VALUES (?, 0, ?)", good.ID, first) },
			},
			"cut": {
				func() { r.tamper("UPDATE records_evidence SET size = 262144 WHERE id = ?", good.ID) },
				func() { r.tamper("UPDATE records_evidence SET size = 600000 WHERE id = ?", good.ID) },
			},
			"another file under the same name": {
				func() { r.tamper("UPDATE records_evidence SET sha256 = ? WHERE id = ?", bad.SHA256, good.ID) },
				func() { r.tamper("UPDATE records_evidence SET sha256 = ? WHERE id = ?", good.SHA256, good.ID) },
			},
		} {
			c.harm()
			if n, err := r.Verify(context.Background()); err != nil || n != 1 {
				t.Errorf("%s: %d found, %v", name, n, err)
			}
			if n, err := r.Verify(context.Background()); err != nil || n != 1 {
				t.Errorf("%s: %d found again, %v", name, n, err)
			}
			if d := r.duty(k.Name, "doors"); d.State(r.clock.Now()) != records.Changed {
				t.Errorf("%s: the duty is %s", name, d.State(r.clock.Now()))
			}
			events++
			if got := len(r.published("evidence.altered")); got != events {
				t.Errorf("%s: reported %d times in all, want %d", name, got, events)
			}
			c.mend()
			if n, err := r.Verify(context.Background()); err != nil || n != 0 {
				t.Errorf("%s, mended: %d found, %v", name, n, err)
			}
			if d := r.duty(k.Name, "doors"); d.InForce.Altered != "" {
				t.Errorf("%s, mended: %s", name, d.InForce.Altered)
			}
		}
		r.tamper("UPDATE records_chunk SET box = ? WHERE evidence = ? AND n = 2", first, good.ID)
		_, _, err = r.File(as("carl"), rec.ID, good.ID)
		faulty(t, err, fleet.CodeConflict)
	})
}

// TestAlteredRowsAreFound changes what is stored of an approved record in every way that would help somebody, and finds each
// through the digest in the audit entry of its approval.
func TestAlteredRowsAreFound(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		rec := r.approved(policy(), "")
		other := r.approved(assessment(), "doors")
		now := r.clock.Now()
		for _, set := range []string{
			`body = '{"scope":"Nothing at all, really."}'`, "expires = 9999999999999999", "effective = 1", "approver = 'zoe'", "author = 'zoe'",
			"digest = 'aa'", "entry = ''", "entry = '" + entryOf(t, r, other.ID) + "'", "object_name = 'Others'", "version = 7", "body = 'no JSON'",
		} {
			column, _, _ := strings.Cut(set, " ")
			before := r.cell(rec.ID, column)
			r.tamper("UPDATE records_record SET "+set+" WHERE id = ?", rec.ID)
			for range 2 { // also once the finding is stored
				if d := r.duty("policy", "organisation"); d.State(now) != records.Changed {
					t.Errorf("%s: not noticed, %s", set, d.State(now))
				}
			}
			all := 0
			if err := r.Duties(context.Background(), "policy", func(d *records.Duty) error {
				if d.InForce != nil && d.InForce.Altered != "" {
					all++
				}
				return nil
			}); err != nil || all != 1 {
				t.Errorf("%s: not noticed among all, %v", set, err)
			}
			r.open() // a process that has seen nothing before
			if got, err := r.Get(context.Background(), rec.ID); err != nil || got.Altered == "" {
				t.Errorf("%s: not noticed after a restart, %v", set, err)
			}
			r.tamper("UPDATE records_record SET "+column+" = ?, altered = '' WHERE id = ?", before, rec.ID)
			if d := r.duty("policy", "organisation"); d.State(now) != records.Current {
				t.Fatalf("%s, mended: %s %s", set, d.State(now), d.InForce.Altered)
			}
		}
		// A state that went back to approved is found where the log says that it ended.
		if err := sequenced(r); err != nil {
			t.Fatal(err)
		}
		r.must(r.Withdraw(as("anna"), rec.ID, records.Step{Reason: "out of date"}))
		r.tamper("UPDATE records_record SET state = 'approved' WHERE id = ?", rec.ID)
		r.clock.Advance(day)
		next := r.approved(assessment(), "doors", "todo", nil)
		r.tamper("UPDATE records_record SET state = 'withdrawn' WHERE id = ?", next.ID)
		r.tamper("UPDATE records_record SET state = 'approved' WHERE id = ?", other.ID)
		if err := sequenced(r); err != nil {
			t.Fatal(err)
		}
		if n, err := r.Verify(context.Background()); err != nil || n != 2 {
			t.Errorf("%d of 2 records that ended are found, %v", n, err)
		}
	})
}

// cell is a column of a record as it is stored.
func (r *rig) cell(record, column string) (v any) {
	r.t.Helper()
	if err := r.db.QueryRow(context.Background(), "SELECT "+column+" FROM records_record WHERE id = ?", record).Scan(&v); err != nil {
		r.t.Fatal(err)
	}
	return v
}

func entryOf(t *testing.T, r *rig, record string) string {
	t.Helper()
	s, _ := r.cell(record, "entry").(string)
	return s
}

// sequenced waits until the audit log has placed what was recorded.
func sequenced(r *rig) error {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.log.Run(ctx) }()
	for {
		waiting := 0
		if err := r.db.QueryRow(context.Background(), "SELECT count(*) FROM audit_pending").Scan(&waiting); err != nil || waiting == 0 {
			cancel()
			<-done
			return err
		}
	}
}

// TestAlteredRowsBesideRecordsAreFound closes an item, forges an acknowledgement and eases an entry of the register behind the
// service's back: none helps, and a person's next step puts it right.
func TestAlteredRowsBesideRecordsAreFound(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		now := r.clock.Now()
		rec := r.approved(assessment(), "doors")
		d := r.duty("assessment", "doors")
		it := d.Items[0]
		for _, set := range []string{"closed = 1, closed_by = 'carl'", "due = 9999999999999999", "owner = 'zoe'", "entry = ''"} {
			r.tamper("UPDATE records_item SET "+set+" WHERE id = ?", it.ID)
			if d = r.duty("assessment", "doors"); d.Items[0].Altered == "" || d.State(now) != records.Changed {
				t.Errorf("%s: not noticed: %+v", set, d.Items)
			}
		}
		if got, err := r.CloseItem(as("carl"), it.ID, "new tiles"); err != nil || got.Altered != "" {
			t.Errorf("%+v %v", got, err)
		}
		if d = r.duty("assessment", "doors"); d.Items[0].Altered != "" || d.Items[0].Closed.IsZero() || d.State(now) != records.Current {
			t.Errorf("%+v", d.Items)
		}
		r.tamper("INSERT INTO records_ack (record, account, at) VALUES (?, 'dora', 1)", rec.ID)
		if d = r.duty("assessment", "doors"); !d.Acks[0].At.IsZero() {
			t.Errorf("a forged acknowledgement counts: %+v", d.Acks)
		}
		e, err := r.Enter(as("anna"), records.Supplier, records.EntryFacts{Name: "Locks Ltd", Owner: "olga", Facts: records.Body{"critical": true}})
		if err != nil {
			t.Fatal(err)
		}
		eased := review()
		eased.Only = func(o records.Object) (bool, string) { return o.Facts["critical"] != false, "it is not critical" }
		r.kinds[2] = eased
		r.open()
		for _, set := range []string{`facts = '{"critical":false}'`, "retired = 1", "owner = 'dora'"} {
			r.tamper("UPDATE records_register SET "+set+" WHERE id = ?", e.ID)
			if d := r.duty("review", e.ID); !d.Owes || d.Object.Owner != "" {
				t.Errorf("%s: believed", set)
			}
			if got, err := r.Entry(context.Background(), e.ID); err != nil || got.Altered == "" {
				t.Errorf("%s: not shown, %v", set, err)
			}
		}
		got, err := r.ChangeEntry(as("anna"), e.ID, "", records.EntryFacts{Name: "Locks Ltd", Facts: records.Body{"critical": false}})
		if err != nil || got.Altered != "" || !got.Retired.IsZero() {
			t.Errorf("%+v %v", got, err)
		}
		if d := r.duty("review", e.ID); d.Owes {
			t.Error("what a person says is not believed")
		}
	})
}
