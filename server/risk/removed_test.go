package risk_test

import (
	"context"
	"testing"
	"time"

	"github.com/thingward/thingward/server/risk"
	"github.com/thingward/thingward/server/store"
)

// TestRemovedRisksAreFound removes a risk, and a mitigation from the body of one, behind the service's back: both are told of,
// and whoever changes a removed risk anew puts it back.
func TestRemovedRisksAreFound(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		one := r.enter(nil)
		one = r.must(r.AddMitigation(as("ann"), one.ID, "", risk.Task{Title: "Count commands", Owner: "ann", Due: start.Add(30 * 24 * time.Hour)}))
		other := r.enter(func(t *risk.Text) { t.Title = "Key in the clear" })
		r.sequenced()
		r.clock.Advance(time.Hour)
		r.altered(one.ID, "")
		r.altered(other.ID, "")

		var body string
		if err := r.db.QueryRow(ctx, "SELECT body FROM risk_risk WHERE id = ?", one.ID).Scan(&body); err != nil {
			t.Fatal(err)
		}
		r.tamper("UPDATE risk_risk SET body = (SELECT body FROM risk_history WHERE risk = ? AND version = 1) WHERE id = ?", one.ID, one.ID)
		r.altered(one.ID, "version 1 is stored, and the audit log knows version 2: the database was altered")
		r.tamper("UPDATE risk_risk SET body = replace(body, 'Count commands', 'Do nothing') WHERE id = ?", other.ID)
		r.altered(other.ID, "")
		r.tamper("UPDATE risk_risk SET body = replace(body, 'Key in the clear', 'Nothing') WHERE id = ?", other.ID)
		r.altered(other.ID, "version 1 is not what the audit log says: the database was altered")
		r.tamper("UPDATE risk_risk SET body = replace(body, 'Nothing', 'Key in the clear') WHERE id = ?", other.ID)
		r.tamper("UPDATE risk_risk SET body = ? WHERE id = ?", body, one.ID)
		r.altered(one.ID, "")

		r.tamper("DELETE FROM risk_risk WHERE id = ?", one.ID)
		r.altered(one.ID, "it was removed from the database, the audit log knows it: restore it from a backup, or change or close it anew")
		n := 0
		if err := r.Each(ctx, func(v risk.Stood) error {
			n++
			if v.ID == one.ID && (len(v.Mitigations) != 1 || v.Altered == "") {
				t.Errorf("%+v", v)
			}
			return nil
		}); err != nil || n != 2 {
			t.Errorf("%d risks, %v", n, err)
		}
		back := r.must(r.FinishMitigation(as("ann"), one.ID, "", 1, "commands are counted"))
		if back.Version != 3 {
			t.Errorf("%+v", back)
		}
		r.sequenced()
		r.clock.Advance(time.Hour)
		r.altered(one.ID, "")

		r.tamper("DELETE FROM risk_risk WHERE id = ?", other.ID)
		r.tamper("DELETE FROM risk_history WHERE risk = ?", other.ID)
		r.altered(other.ID, "it was removed from the database, the audit log knows it: restore it from a backup, or change or close it anew")

		r.tamper("UPDATE risk_risk SET body = replace(body, '\"version\":3', '\"version\":9') WHERE id = ?", one.ID)
		r.altered(one.ID, "version 9 is stored, and the audit log knows nothing of it: the database was altered")
	})
}

func (r *rig) altered(ref, want string) {
	r.t.Helper()
	got, err := r.One(context.Background(), ref)
	if err != nil || got.Altered != want {
		r.t.Errorf("%q, %v; want %q", got.Altered, err, want)
	}
}

func (r *rig) tamper(query string, args ...any) {
	r.t.Helper()
	if err := r.db.Keep(context.Background(), func(tx *store.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	}); err != nil {
		r.t.Fatal(err)
	}
}

// sequenced waits until the audit log has placed what was recorded.
func (r *rig) sequenced() {
	r.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Audit.Run(ctx) }()
	for waiting := 1; waiting > 0; {
		if err := r.db.QueryRow(ctx, "SELECT count(*) FROM audit_pending").Scan(&waiting); err != nil {
			r.t.Error(err)
			break
		}
	}
	cancel()
	if err := <-done; err != nil {
		r.t.Fatal(err)
	}
}
