package posture

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

// Rows removed from the database turn nothing greener: an exception covers no longer after the next start, and a control stays
// failed without the row of its open finding, now and after the next start, because it is measured.
func TestRemovedRowsTurnNothingGreener(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		clk := clock.NewFake(start)
		w := locks(clk)
		s := engine(t, db, w, clk, nil)
		mustSweep(t, s)
		e := grant(t, s, nil)
		expect(t, s, "COM-10", fleet.Excepted)
		remove := func(query string, args ...any) {
			t.Helper()
			if err := db.Keep(t.Context(), func(tx *store.Tx) error {
				n, err := tx.Exec(query, args...)
				if err == nil && n == 0 {
					t.Errorf("%s touched nothing", query)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		remove("DELETE FROM posture_exception WHERE id = ?", e.ID)
		s = engine(t, db, w, clk, nil)
		mustSweep(t, s)
		expect(t, s, "COM-10", fleet.Fail)

		remove("DELETE FROM posture_finding WHERE subject = 'd1'")
		mustSweep(t, s)
		expect(t, s, "COM-10", fleet.Fail)
		s = engine(t, db, w, clk, nil)
		mustSweep(t, s)
		expect(t, s, "COM-10", fleet.Fail)
		list, _, _, err := s.Findings(t.Context(), FindingFilter{State: "open", Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		reopened := false
		for _, f := range list {
			reopened = reopened || f.Subject.ID == "d1"
		}
		if !reopened {
			t.Errorf("the finding of a subject that fails is not open: %+v", list)
		}
	})
}
