package posture

import (
	"context"
	"slices"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/audit"
	"github.com/thingward/thingward/server/store"
)

// makeUpPast fills, once, what earlier versions did not keep, from the audit log: who had findings and when they were due, and how
// many subjects of each check stood where at each entry about its control. The log does not say what a finding was due before its
// first assignment: the date that its severity gives is taken.
func (s *Service) makeUpPast(ctx context.Context) error {
	var owed int
	if err := s.DB.QueryRow(ctx, "SELECT COUNT(*) FROM posture_owed WHERE what = 'past'").Scan(&owed); err != nil || owed == 0 {
		return err
	}
	p := &Past{At: s.Clock.Now(), Differences: []PastDifference{}}
	if err := s.sealed(ctx, p); err != nil {
		return err
	}
	steps, err := s.loggedSteps(ctx, p)
	if err != nil {
		return err
	}
	given, err := s.loggedGivings(ctx, p)
	if err != nil {
		return err
	}
	return s.DB.Keep(ctx, func(tx *store.Tx) error {
		for _, st := range steps {
			if err := storeStep(tx, s.nums[st.check], st); err != nil {
				return err
			}
			if s.steps[st.check].at <= st.at {
				s.steps[st.check] = st
			}
		}
		for ref, list := range given {
			if err := s.makeUpGivings(tx, ref, list); err != nil {
				return err
			}
		}
		_, err := tx.Exec("DELETE FROM posture_owed WHERE what = 'past'")
		return err
	})
}

// sealed gives every entry that waits its place in the log, and takes the checkpoint that covers them.
func (s *Service) sealed(ctx context.Context, p *Past) error {
	waiting, err := s.Audit.Pending(ctx)
	if err != nil {
		return err
	}
	if waiting > 0 {
		if _, err := s.Audit.Seal(ctx); err != nil {
			return err
		}
	}
	p.Checkpoint, err = s.Audit.Checkpoint(ctx)
	return err
}

// loggedSteps are the steps of checks that the log tells of, oldest first; entries of which nothing changed are left out.
func (s *Service) loggedSteps(ctx context.Context, p *Past) (steps []step, err error) {
	index := map[string]int{}
	for i, c := range s.Checks {
		index[c.ID] = i
	}
	var all []step
	err = s.entriesUntil(ctx, "control.", p, func(e audit.Entry) error {
		if e.Broken != "" || e.Event.Type != "control.changed" && e.Event.Type != "control.observed" {
			return nil
		}
		l := readLogged(e)
		for check, n := range l.Counts {
			if i, ok := index[check]; ok {
				all = append(all, step{i, store.Time(l.At), stoodThen(n), StepCounts{n["pass"], n["fail"], n["unknown"], n["stale"], n["not-assessed"], n["not-applicable"], n["excepted"]}})
			}
		}
		return nil
	})
	last := make([]step, len(s.Checks))
	for _, st := range slices.Backward(all) {
		if before := last[st.check]; before.status != st.status || before.counts != st.counts {
			last[st.check], steps = st, append(steps, st)
		}
	}
	return steps, err
}

// loggedGivings are the assignments that the log tells of, by finding, oldest first.
func (s *Service) loggedGivings(ctx context.Context, p *Past) (map[string][]giving, error) {
	out := map[string][]giving{}
	err := s.entriesUntil(ctx, "finding.assigned", p, func(e audit.Entry) error {
		if g, ref, ok := readGiving(e); ok {
			out[ref] = append(out[ref], g)
		}
		return nil
	})
	for _, list := range out {
		slices.Reverse(list)
	}
	return out, err
}

// readGiving reads what an entry says about an assignment.
func readGiving(e audit.Entry) (g giving, ref string, ok bool) {
	if e.Broken != "" || e.Event.Type != "finding.assigned" {
		return g, "", false
	}
	ref, _ = e.Event.Data["finding"].(string)
	g.owner, _ = e.Event.Data["owner"].(string)
	text, _ := e.Event.Data["due"].(string)
	due, err := time.Parse(time.RFC3339Nano, text)
	g.at, g.due = store.Time(e.Event.Time), store.Time(due)
	return g, ref, err == nil && ref != ""
}

func (s *Service) makeUpGivings(tx *store.Tx, ref string, list []giving) error {
	var seq, opened int64
	var num uint64
	err := tx.QueryRow("SELECT seq, num, opened FROM posture_finding WHERE id = ?", ref).Scan(&seq, &num, &opened)
	if store.IsNoRows(err) {
		return nil
	}
	severity := fleet.Medium
	if i, ok := s.byNum[num]; ok {
		severity = s.severity(i)
	}
	was, due := "", opened+clocks[severity].Microseconds()
	for _, g := range list {
		g.seq, g.was, g.wasDue = seq, was, due
		if err == nil {
			err = storeGiving(tx, g)
		}
		was, due = g.owner, g.due
	}
	return err
}
