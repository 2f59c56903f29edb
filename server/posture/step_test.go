package posture

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

// tallied counts, subject by subject, where each check stands.
func tallied(s *Service) []StepCounts {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := make([]StepCounts, len(s.Checks))
	for i, c := range s.Checks {
		n := &out[i]
		for _, sub := range s.state.populations[c.Subject].subjects {
			o := sub.obs[s.state.place[i]]
			at := map[code]*int{codePass: &n.Pass, codeFail: &n.Fail, codeUnknown: &n.Unknown, codeStale: &n.Stale, codeNotApplicable: &n.NotApplicable, codeNotAssessed: &n.NotAssessed}[o.status]
			if at != nil {
				*at++
			}
			if o.covered {
				n.Excepted++
			}
		}
	}
	return out
}

// TestTimelineOfACheckIsExact lets random things happen, with a restart now and then, and compares the timeline with a count of every
// subject after each of them.
func TestTimelineOfACheckIsExact(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		rnd, clk, w := rand.New(rand.NewPCG(3, 3)), clock.NewFake(start), newWorld()
		s := engine(t, db, w, clk, nil)
		mustSweep(t, s)
		seen := map[int64][]StepCounts{store.Time(clk.Now()): tallied(s)}
		for i := range 300 {
			w.happen(rnd, s, clk)
			if i == 100 {
				grant(t, s, func(e *Exception) { e.Control, e.Ends = "SNT-18", clk.Now().Add(time.Hour) })
			}
			if i%90 == 89 {
				if err := s.flush(t.Context()); err != nil {
					t.Fatal(err)
				}
				s = engine(t, db, w, clk, nil)
				mustSweep(t, s)
			}
			s.Settle(t.Context())
			seen[store.Time(clk.Now())] = tallied(s)
		}
		for i := range s.Checks {
			steps, err := s.stepsOf(t.Context(), i, 0, 1<<62, 1<<20)
			if err != nil {
				t.Fatal(err)
			}
			for k := range steps[1:] {
				if steps[k].counts == steps[k+1].counts && steps[k].status == steps[k+1].status {
					t.Errorf("%s: a step that changes nothing at %d", s.Checks[i].ID, steps[k].at)
				}
			}
			for at, want := range seen {
				if got := asAt(steps, at); got != want[i] {
					t.Errorf("%s at %s: %+v, want %+v", s.Checks[i].ID, store.FromTime(at), got, want[i])
				}
			}
		}
	})
}

// asAt is what steps, newest first, say of a time.
func asAt(steps []step, at int64) StepCounts {
	for _, st := range steps {
		if st.at <= at {
			return st.counts
		}
	}
	return StepCounts{}
}

func TestOldStepsAreThinnedAndTheLastOneStays(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		clk := clock.NewFake(start)
		s := engine(t, db, newWorld(), clk, nil)
		at := store.Time(start.Truncate(stepsApart))
		err := db.Keep(t.Context(), func(tx *store.Tx) error {
			for k, status := range []fleet.Status{fleet.Pass, fleet.Pass, fleet.Fail, fleet.Pass, fleet.Pass} { // a minute apart: the second and fourth say nothing the others do not
				if err := storeStep(tx, s.nums[0], step{at: at + int64(k)*time.Minute.Microseconds(), status: status, counts: StepCounts{Pass: k}}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []struct {
			after time.Duration
			left  int
		}{{0, 5}, {stepsFine + time.Hour, 3}, {stepsKept + time.Hour, 1}} {
			clk.Set(start.Add(want.after))
			s.thinned = time.Time{}
			if err := s.thinSteps(t.Context()); err != nil {
				t.Fatal(err)
			}
			steps, err := s.stepsOf(t.Context(), 0, 0, 1<<62, 100)
			if err != nil || len(steps) != want.left || steps[0].counts.Pass != 4 {
				t.Errorf("after %s: %d steps, want %d: %+v %v", want.after, len(steps), want.left, steps, err)
			}
		}
	})
}

// TestPastOfAnEarlierVersionIsMadeUpFromTheLog empties what that version did not keep, and restores.
func TestPastOfAnEarlierVersionIsMadeUpFromTheLog(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		s, w, clk := lived(t, db)
		w.devices["d1"].Inventory = inventory("1")
		s.Changed(Device, "d1")
		s.Settle(t.Context())
		mustSweep(t, s)
		one := listed1(t, s, FindingFilter{Subject: "d1", State: "all"})[0]
		opened, was := clk.Now(), one.Due
		lou, sam, soon := "lou", "sam", clk.Now().Add(time.Hour)
		for _, a := range []Assignment{{Owner: &lou}, {Owner: &sam, Due: &soon}} {
			clk.Advance(time.Minute)
			if err := s.Assign(as(t.Context(), "mara"), []string{one.ID}, a); err != nil {
				t.Fatal(err)
			}
		}
		steps, err := s.stepsOf(t.Context(), 0, 0, 1<<62, 100)
		if err != nil {
			t.Fatal(err)
		}
		err = db.Keep(t.Context(), func(tx *store.Tx) error {
			for _, q := range []string{"DELETE FROM posture_assignment", "DELETE FROM posture_step", "INSERT INTO posture_owed (what) VALUES ('past')"} {
				if _, err := tx.Exec(q); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // once only
			if err := errors.Join(s.restoreSteps(t.Context()), s.restoreFindings(t.Context())); err != nil {
				t.Fatal(err)
			}
			for minutes, want := range []struct {
				owner string
				due   time.Time
			}{{"", was}, {"lou", was}, {"sam", soon}} {
				d, err := s.FindingAt(t.Context(), one.ID, opened.Add(time.Duration(minutes)*time.Minute))
				if err != nil || d.Owner != want.owner || !d.Due.Equal(want.due) || d.AsOf.Altered {
					t.Errorf("after %d minutes %q %s %+v, want %+v, %v", minutes, d.Owner, d.Due, d.AsOf, want, err)
				}
			}
			again, err := s.stepsOf(t.Context(), 0, 0, 1<<62, 100)
			if err != nil || len(again) == 0 {
				t.Fatalf("%v %v", again, err)
			}
			for _, st := range again {
				if asAt(steps, st.at) != st.counts {
					t.Errorf("made up %+v, it was %+v", st, asAt(steps, st.at))
				}
			}
		}
	})
}
