package posture

import (
	"context"
	"slices"

	"github.com/thingward/thingward/server/store"
)

// writeTurns writes what happened to findings, in order, and notes in d what that changes. Openings in a row are written together.
func (s *Service) writeTurns(tx *store.Tx, turns []*turn, d *moves) error {
	for len(turns) > 0 {
		n := slices.IndexFunc(turns, func(t *turn) bool { return !t.opens() })
		if n < 0 {
			n = len(turns)
		}
		err := s.writeOpenings(tx, turns[:n], d)
		if turns = turns[n:]; err == nil && len(turns) > 0 {
			t := turns[0]
			if turns = turns[1:]; t.number == 0 {
				err = s.writeExcept(tx, t, d)
			} else {
				err = s.writeClosing(tx, s.nums[t.check], t, d)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// writeClosing ends a finding.
func (s *Service) writeClosing(tx *store.Tx, num uint64, t *turn, d *moves) error {
	return moveFindings(tx, d, num, findingClosed, t.at, `UPDATE posture_finding SET state = 2, closed = ?, closed_seq = ?, closed_by = ?, closed_reason = ?
		WHERE subject = ? AND num = ? AND kind = ? AND state <> 2`, t.at, t.number, t.closedBy, t.reason, t.subject.ID, int64(num), string(t.subject.Kind))
}

// writeExcept notes which exception covers an open finding.
func (s *Service) writeExcept(tx *store.Tx, t *turn, d *moves) error {
	num, to := s.nums[t.check], findingOpen
	if t.exceptID != "" {
		to = findingExcepted
	}
	return moveFindings(tx, d, num, to, t.at, `UPDATE posture_finding SET state = ?, exception = ? WHERE subject = ? AND num = ? AND kind = ? AND state <> 2`,
		to, t.exceptID, t.subject.ID, int64(num), string(t.subject.Kind))
}

// moveFindings makes an update of findings of one check that ends in the state to, and notes what it moved from the rows as they were.
func moveFindings(tx *store.Tx, d *moves, num uint64, to int, at int64, update string, args ...any) error {
	subject, kind := args[len(args)-3], args[len(args)-1]
	rows, err := tx.Query("SELECT seq, owner, state, overdue FROM posture_finding WHERE subject = ? AND num = ? AND kind = ? AND state <> 2", subject, int64(num), kind)
	if err != nil {
		return err
	}
	err = eachRow(rows, func(scan func(...any) error) error {
		var seq int64
		var owner string
		var state int
		var overdue bool
		if err := scan(&seq, &owner, &state, &overdue); err != nil {
			return err
		}
		d.sums[entry{num, owner, what(state, overdue)}]--
		d.sums[entry{num, owner, what(to, overdue)}]++
		if to == findingClosed {
			d.closed = append(d.closed, ending{seq, at})
		}
		return nil
	})
	if err != nil {
		return err
	}
	_, err = tx.Exec(update, args...)
	return err
}

// restoreFindings ends findings of checks that are no more, takes over what is stored, and ties open ones to their observations: the
// findings are right where the two differ.
func (s *Service) restoreFindings(ctx context.Context) error {
	if err := s.endRemoved(ctx); err != nil {
		return err
	}
	if err := s.makeUpPast(ctx); err != nil {
		return err
	}
	newest, err := s.restoreLives(ctx)
	if err != nil {
		return err
	}
	s.state.number = newest + 1
	return s.tieFindings(ctx)
}

// endRemoved ends the open findings of checks that this version does not have.
func (s *Service) endRemoved(ctx context.Context) error {
	now := store.Time(s.Clock.Now())
	for num := range s.names {
		if _, still := s.byNum[num]; still {
			continue
		}
		err := s.DB.Keep(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(`UPDATE posture_finding SET state = 2, closed = ?, closed_by = ?, closed_reason = 'this version has no such check',
				closed_seq = (SELECT MAX(CASE WHEN closed_seq > seq THEN closed_seq ELSE seq END) + 1 FROM posture_finding) WHERE num = ? AND state IN (0, 1)`, now, closedRemoved, int64(num))
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// tieFindings marks observations whose finding is open, and no others. Findings about subjects that are not known are settled after
// the first sweep.
func (s *Service) tieFindings(ctx context.Context) error {
	for _, p := range s.state.populations {
		for _, sub := range p.subjects {
			for k := range sub.obs {
				sub.obs[k].open = false
			}
		}
	}
	rows, err := s.DB.Query(ctx, "SELECT num, kind, subject, name FROM posture_finding WHERE state IN (0, 1)")
	if err != nil {
		return err
	}
	return eachRow(rows, func(scan func(...any) error) error {
		var num uint64
		var ref Ref
		if err := scan(&num, &ref.Kind, &ref.ID, &ref.Name); err != nil {
			return err
		}
		i, ok := s.byNum[num]
		p := s.state.populations[ref.Kind]
		if !ok || p == nil || s.Checks[i].Subject != ref.Kind {
			return nil
		}
		if sub := p.subjects[ref.ID]; sub != nil {
			sub.obs[s.state.place[i]].open = true
		} else {
			s.orphans = append(s.orphans, orphan{i, ref})
		}
		return nil
	})
}

// orphan is an open finding about a subject that no stored observation knows.
type orphan struct {
	check   int
	subject Ref
}

// settleOrphans closes open findings whose subject is gone or passes, once everything was looked at. The caller holds mu.
func (s *Service) settleOrphans(now int64) {
	for _, o := range s.orphans {
		p := s.state.populations[o.subject.Kind]
		sub := p.subjects[o.subject.ID]
		switch {
		case sub == nil && p.complete:
			s.state.close(o.check, o.subject, now, closedGone, "the "+string(p.kind)+" is no longer there")
		case sub != nil:
			ob := &sub.obs[s.state.place[o.check]]
			if ob.status == codePass || ob.status == codeNotApplicable {
				s.state.close(o.check, o.subject, now, string(statusOf[ob.status]), ob.words())
			} else {
				ob.open = true
			}
		}
	}
	s.orphans = slices.DeleteFunc(s.orphans, func(o orphan) bool { return s.state.populations[o.subject.Kind].complete })
}
