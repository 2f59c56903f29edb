package posture

import (
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

// lived is an engine with a past: COM-10 failed at the start, was excepted after ten minutes, passed after twenty.
func lived(t *testing.T, db *store.DB) (*Service, *world, *clock.Fake) {
	t.Helper()
	clk := clock.NewFake(start)
	w := locks(clk)
	s := engine(t, db, w, clk, nil)
	mustSweep(t, s)
	clk.Advance(9 * time.Minute)
	w.devices["d3"].Inventory = inventory("1") // a third one fails: the status stays, the picture does not
	s.Changed(Device, "d3")
	s.Settle(t.Context())
	mustSweep(t, s)
	clk.Advance(time.Minute)
	grant(t, s, nil)
	clk.Advance(10 * time.Minute)
	for _, id := range []string{"d1", "d2", "d3"} {
		s.say(t, w, id, "2")
	}
	clk.Advance(time.Minute)
	return s, w, clk
}

func TestPastMomentIsRecomputedFromTheLog(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		s, _, _ := lived(t, db)
		for minutes, want := range map[int]struct {
			status fleet.Status
			open   int
		}{-1: {fleet.NotAssessed, 0}, 0: {fleet.Fail, 2}, 9: {fleet.Fail, 3}, 10: {fleet.Excepted, 3}, 19: {fleet.Excepted, 3}, 20: {fleet.Pass, 0}} {
			then := start.Add(time.Duration(minutes) * time.Minute)
			v, err := s.ControlAt(t.Context(), "COM-10", then)
			if err != nil {
				t.Fatal(err)
			}
			if v.Status != want.status || v.AsOf.Altered || (v.Entry == nil) != (minutes < 0) || v.Entry != nil && (v.Entry.Open != want.open || !v.Entry.Bound) {
				t.Errorf("after %d minutes %s %+v %+v, want %+v", minutes, v.Status, v.Entry, v.AsOf.Differences, want)
			}
			if list := listed1(t, s, FindingFilter{At: then, State: "all", Control: "COM-10"}); minutes == 20 && (len(list) != 3 || list[0].State != FindingClosed) || minutes < 0 && len(list) != 0 {
				t.Errorf("after %d minutes %+v", minutes, list)
			}
			open, excepted := listed1(t, s, FindingFilter{At: then, Control: "COM-10"}), listed1(t, s, FindingFilter{At: then, Control: "COM-10", State: "excepted"})
			if len(open)+len(excepted) != want.open || want.status == fleet.Excepted && len(open) != 0 {
				t.Errorf("after %d minutes %d open and %d excepted", minutes, len(open), len(excepted))
			}
			if o, err := s.OverviewAt(t.Context(), then); err != nil || o.Counts[want.status] == 0 || o.AsOf == nil {
				t.Errorf("%+v %v", o.Counts, err)
			}
		}
		if _, err := s.Past(t.Context(), start.Add(time.Hour)); fleet.CodeOf(err) != fleet.CodeInvalid {
			t.Errorf("the future: %v", err)
		}
	})
}

func TestProofOfAPastMomentHolds(t *testing.T) {
	s, _, _ := lived(t, storetest.Open(t))
	p, err := s.Prove(t.Context(), start.Add(15*time.Minute))
	if err != nil || p.Altered || len(p.Entries) == 0 {
		t.Fatalf("%+v %v", p, err)
	}
	root, err := tlog.ParseHash(p.Checkpoint.Root)
	if err != nil || p.Checkpoint.Note == "" {
		t.Fatal(err)
	}
	for _, e := range p.Entries {
		leaf, err := tlog.ParseHash(e.LeafHash)
		if err != nil {
			t.Fatal(err)
		}
		var hashes tlog.RecordProof
		for _, h := range e.Hashes {
			x, err := tlog.ParseHash(h)
			if err != nil {
				t.Fatal(err)
			}
			hashes = append(hashes, x)
		}
		if err := tlog.CheckRecord(hashes, p.Checkpoint.Size, root, e.Index, leaf); err != nil {
			t.Errorf("%s: %v", e.Control, err)
		}
		if !e.Bound {
			t.Errorf("%s: its findings are not bound", e.Control)
		}
	}
}

func TestForgedPastIsCaught(t *testing.T) {
	then := start.Add(5 * time.Minute)
	for name, forge := range map[string]string{
		"a red day made green":     "UPDATE posture_history SET became = 'pass' WHERE control = 'COM-10' AND was = 'not-assessed'",
		"a change taken out":       "DELETE FROM posture_history WHERE control = 'COM-10'",
		"a change put in":          "INSERT INTO posture_history (id, control, at, was, became, reason) SELECT 'x', 'COM-01', MIN(at), 'fail', 'pass', 'it was fine' FROM posture_history",
		"another reason":           "UPDATE posture_history SET reason = 'all well' WHERE control = 'COM-10'",
		"another time":             "UPDATE posture_history SET at = at - 1000000 WHERE control = 'COM-10'",
		"a finding taken out":      "DELETE FROM posture_finding WHERE subject = 'd1'",
		"a finding of another":     "UPDATE posture_finding SET subject = 'd9' WHERE subject = 'd1'",
		"closed before it was":     "UPDATE posture_finding SET closed = opened, closed_seq = seq WHERE subject = 'd1'",
		"an exception back-dated":  "UPDATE posture_exception SET decided = decided - 600000000",
		"an exception never asked": "INSERT INTO posture_exception SELECT 'x', control, check_id, subject_kind, subject, subject_name, scope_type, scope_site, scope_system, state, requester, requester_id, approver, justification, compensating, plan, requested, 1, 0, ends, reason FROM posture_exception",
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Engines(t, func(t *testing.T, db *store.DB) {
				s, w, _ := lived(t, db)
				if p, err := s.Prove(t.Context(), then); err != nil || p.Altered {
					t.Fatalf("before: %+v %v", p.Differences, err)
				}
				err := s.DB.Keep(t.Context(), func(tx *store.Tx) error {
					n, err := tx.Exec(forge)
					if n == 0 {
						t.Error("nothing was forged")
					}
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				for range 2 {
					p, err := s.Prove(t.Context(), then)
					if err != nil || !p.Altered || len(p.Differences) == 0 {
						t.Errorf("not caught: %+v %v", p.Differences, err)
					}
					if v, err := s.ControlAt(t.Context(), "COM-10", then); err != nil || v.Status != fleet.Fail {
						t.Errorf("the forgery is believed: %s %v", v.Status, err)
					}
				}
				if len(w.published("history.altered")) == 0 {
					t.Error("no alarm")
				}
			})
		})
	}
}
