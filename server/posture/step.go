package posture

import (
	"context"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

// step is how many subjects of a check stood where, from a time until the next step.
type step struct {
	check  int
	at     int64
	status fleet.Status
	counts StepCounts
}

// StepCounts is how many subjects of a check stood where.
type StepCounts struct {
	Pass          int `json:"pass"`
	Fail          int `json:"fail" doc:"The excepted ones among them."`
	Unknown       int `json:"unknown"`
	Stale         int `json:"stale"`
	NotAssessed   int `json:"notAssessed"`
	NotApplicable int `json:"notApplicable"`
	Excepted      int `json:"excepted" doc:"Of those that fail, how many an exception in force covered."`
}

// stepped lists the checks of a control that stand otherwise than at their last step. The caller holds rolling and mu.
func (s *Service) stepped(c *control) (moved []step) {
	fig := s.present()
	for _, i := range c.checks {
		n := fig.counts[i]
		now := step{check: i, status: s.standing(i, fig).status, counts: StepCounts{
			Pass: n[codePass], Fail: n[codeFail], Unknown: n[codeUnknown], Stale: n[codeStale], NotApplicable: n[codeNotApplicable], NotAssessed: n[codeNotAssessed], Excepted: fig.spared[i],
		}}
		if last := s.steps[i]; last.status != now.status || last.counts != now.counts {
			moved = append(moved, now)
		}
	}
	return moved
}

// keepSteps writes steps. Of two at the same instant the later one counts.
func (s *Service) keepSteps(ctx context.Context, at int64, moved []step) error {
	if len(moved) == 0 {
		return nil
	}
	err := s.DB.Keep(ctx, func(tx *store.Tx) error {
		for i := range moved {
			moved[i].at = at
			if err := s.keepStep(tx, moved[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		for _, st := range moved {
			s.steps[st.check] = st
		}
	}
	return err
}

func (s *Service) keepStep(tx *store.Tx, st step) error {
	num := s.nums[st.check]
	if s.steps[st.check].at != st.at {
		return storeStep(tx, num, st)
	}
	before, err := scanStep(tx.QueryRow("SELECT "+stepColumns+" FROM posture_step WHERE num = ? AND at < ? ORDER BY at DESC LIMIT 1", int64(num), st.at).Scan)
	switch {
	case err == nil && before.status == st.status && before.counts == st.counts: // there and back within an instant
		_, err = tx.Exec("DELETE FROM posture_step WHERE num = ? AND at = ?", int64(num), st.at)
		return err
	case err != nil && !store.IsNoRows(err):
		return err
	}
	return storeStep(tx, num, st)
}

const stepColumns = "at, status, pass, fail, unknown, stale, not_applicable, not_assessed, excepted"

func storeStep(tx *store.Tx, num uint64, st step) error {
	n := st.counts
	_, err := tx.Exec("INSERT INTO posture_step (num, "+stepColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (num, at) DO UPDATE SET status = excluded.status, pass = excluded.pass, fail = excluded.fail, unknown = excluded.unknown, stale = excluded.stale,
		not_applicable = excluded.not_applicable, not_assessed = excluded.not_assessed, excepted = excluded.excepted`,
		int64(num), st.at, string(st.status), n.Pass, n.Fail, n.Unknown, n.Stale, n.NotApplicable, n.NotAssessed, n.Excepted)
	return err
}

func scanStep(scan func(...any) error, more ...any) (st step, err error) {
	n := &st.counts
	err = scan(append(more, &st.at, &st.status, &n.Pass, &n.Fail, &n.Unknown, &n.Stale, &n.NotApplicable, &n.NotAssessed, &n.Excepted)...)
	return st, err
}

// restoreSteps reads the last step of each check.
func (s *Service) restoreSteps(ctx context.Context) error {
	s.steps = make([]step, len(s.Checks))
	rows, err := s.DB.Query(ctx, "SELECT num, "+stepColumns+" FROM posture_step WHERE (num, at) IN (SELECT num, MAX(at) FROM posture_step GROUP BY num)")
	if err != nil {
		return err
	}
	return eachRow(rows, func(scan func(...any) error) error {
		var num uint64
		st, err := scanStep(scan, &num)
		if i, ok := s.byNum[num]; ok {
			st.check = i
			s.steps[i] = st
		}
		return err
	})
}

// stepsOf reads the steps of a check, newest first: those after a time and the one that held then, before a time.
func (s *Service) stepsOf(ctx context.Context, i int, from, before int64, most int) (out []step, err error) {
	num := int64(s.nums[i])
	rows, err := s.DB.Query(ctx, "SELECT "+stepColumns+` FROM posture_step WHERE num = ? AND at < ?
		AND at >= COALESCE((SELECT MAX(at) FROM posture_step WHERE num = ? AND at <= ?), ?) ORDER BY at DESC LIMIT ?`, num, before, num, from, from, most)
	if err != nil {
		return nil, err
	}
	return out, eachRow(rows, func(scan func(...any) error) error {
		st, err := scanStep(scan)
		out = append(out, st)
		return err
	})
}

const (
	stepsFine  = 7 * 24 * time.Hour   // how long every step is kept
	stepsKept  = 400 * 24 * time.Hour // how long any is
	stepsApart = 10 * time.Minute     // of the older ones, those between the first and the last of each status in such a stretch go
	thinEvery  = 6 * time.Hour
)

// thinSteps drops old steps, so that a check about many subjects that come and go does not grow for ever. The one that held at the
// oldest moment that is kept stays. The caller holds sweeping.
func (s *Service) thinSteps(ctx context.Context) error {
	now := s.Clock.Now()
	if gap := now.Sub(s.thinned); gap >= 0 && gap < thinEvery {
		return nil
	}
	fine, oldest, stretch := store.Time(now.Add(-stepsFine)), store.Time(now.Add(-stepsKept)), stepsApart.Microseconds()
	err := s.DB.Keep(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`DELETE FROM posture_step WHERE at < ? AND at >= ?
			AND EXISTS (SELECT 1 FROM posture_step a WHERE a.num = posture_step.num AND a.at < posture_step.at AND a.at >= posture_step.at - posture_step.at % ? AND a.status = posture_step.status)
			AND EXISTS (SELECT 1 FROM posture_step b WHERE b.num = posture_step.num AND b.at > posture_step.at AND b.at < posture_step.at - posture_step.at % ? + ? AND b.status = posture_step.status)`,
			fine, store.Time(now.Add(-stepsFine-4*thinEvery)), stretch, stretch, stretch)
		if err == nil {
			_, err = tx.Exec(`DELETE FROM posture_step WHERE at < ? AND EXISTS (SELECT 1 FROM posture_step b WHERE b.num = posture_step.num AND b.at > posture_step.at AND b.at <= ?)`, oldest, oldest)
		}
		return err
	})
	if err == nil {
		s.thinned = now
	}
	return err
}
