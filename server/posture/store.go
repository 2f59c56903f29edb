package posture

import (
	"context"
	"database/sql"
	"errors"
	"time"
	"unique"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

// flushMost is how many subjects are written in one transaction.
const flushMost = 1000

// row is a subject ready to be written; a nil body deletes it.
type row struct {
	pop *population
	sub *subject
	at  int64
	ref Ref
	typ string
	in  place
	b   []byte
}

// flush writes what changed since the last time. What could not be written is written the next time.
func (s *Service) flush(ctx context.Context) error { return s.flushUpTo(ctx, false) }

// flushUpTo writes findings before observations, so that a crash never leaves an observation that claims a finding which was
// never written; findingsOnly leaves the observations for the next time.
func (s *Service) flushUpTo(ctx context.Context, findingsOnly bool) error {
	s.flushing.Lock()
	defer s.flushing.Unlock()
	for {
		rows, findings := s.takeDirty(findingsOnly)
		if len(rows) == 0 && len(findings) == 0 {
			return nil
		}
		err := s.book(ctx, s.DB.Keep, func(tx *store.Tx, d *moves) error {
			return errors.Join(s.writeTurns(tx, findings, d), writeRows(tx, rows))
		})
		if err == nil {
			continue
		}
		s.mu.Lock()
		for _, r := range rows {
			r.pop.again(r.sub)
		}
		s.state.findings = append(findings, s.state.findings...)
		s.mu.Unlock()
		return err
	}
}

// takeDirty packs a bounded number of changed subjects, those that are gone first.
func (s *Service) takeDirty(findingsOnly bool) (rows []row, findings []*turn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	findings = s.state.findings[:min(len(s.state.findings), flushMost)]
	s.state.findings = s.state.findings[len(findings):]
	if len(s.state.findings) == 0 {
		s.state.findings = nil
	}
	if findingsOnly || len(findings) == flushMost {
		return nil, findings // the rest of them first
	}
	for _, p := range s.state.populations {
		for _, sub := range p.gone {
			rows = append(rows, row{pop: p, sub: sub, ref: sub.Ref})
		}
		p.gone = nil
	}
	for _, p := range s.state.populations {
		for sub := range p.dirty {
			if len(rows) >= flushMost {
				return rows, findings
			}
			rows = append(rows, row{p, sub, sub.observed, sub.Ref, sub.typ, sub.at.Value(), s.packSubject(p, sub)})
			delete(p.dirty, sub)
		}
	}
	return rows, findings
}

// again notes a subject that could not be written.
func (p *population) again(sub *subject) {
	if sub.obs == nil {
		p.gone = append(p.gone, sub)
	} else {
		p.dirty[sub] = struct{}{}
	}
}

func (s *Service) packSubject(p *population, sub *subject) []byte {
	b := make([]byte, 0, 32*len(sub.obs))
	for k, o := range sub.obs {
		if o.status != codeNone {
			b = pack(b, s.nums[p.checks[k]], o)
		}
	}
	return b
}

// restore numbers the checks and reads back controls and observations.
func (s *Service) restore(ctx context.Context) error {
	if err := s.numberChecks(ctx); err != nil {
		return err
	}
	if err := errors.Join(s.restoreControls(ctx), s.restoreSteps(ctx)); err != nil {
		return err
	}
	rows, err := s.DB.Query(ctx, "SELECT kind, subject, name, type, site, system, observed, body FROM posture_observation")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var kind, subj, name, typ string
		var in place
		var observed int64
		var body []byte
		if err := rows.Scan(&kind, &subj, &name, &typ, &in.site, &in.system, &observed, &body); err != nil {
			return err
		}
		s.restoreSubject(Ref{Kind(kind), subj, name}, typ, in, observed, body)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return s.restoreFindings(ctx)
}

// restoreSubject takes over a stored subject. A row that cannot be read is left out: the first sweep measures it anew.
func (s *Service) restoreSubject(ref Ref, typ string, in place, observed int64, body []byte) {
	p := s.state.populations[ref.Kind]
	list, err := unpack(body)
	if err != nil {
		s.Log.Error("stored observations left out", "kind", ref.Kind, "id", ref.ID, "error", err)
	}
	if p == nil || err != nil {
		return
	}
	sub := p.subject(ref, typ, in)
	sub.observed = observed
	before := unique.Make("observed at " + stamp(store.FromTime(observed)) + ", before the restart")
	for _, o := range list {
		i, ok := s.byNum[o.num]
		if !ok || s.Checks[i].Subject != ref.Kind {
			continue
		}
		if !kept(o.status) {
			o.reason = before
		}
		sub.obs[s.state.place[i]] = o.observation
		s.state.counts[i][o.status]++
		s.state.observed[i] = max(s.state.observed[i], observed)
	}
	p.schedule(sub)
	delete(p.dirty, sub)
}

// numberChecks gives every check its number in packed observations.
func (s *Service) numberChecks(ctx context.Context) error {
	s.nums, s.byNum, s.names = make([]uint64, len(s.Checks)), map[uint64]int{}, map[uint64]string{}
	known, most, err := s.knownNumbers(ctx)
	if err != nil {
		return err
	}
	return s.DB.Keep(ctx, func(tx *store.Tx) error {
		next := most
		for i, c := range s.Checks {
			num, ok := known[c.ID]
			if !ok {
				next++
				num = next
				if _, err := tx.Exec("INSERT INTO posture_check (num, id) VALUES (?, ?)", int64(num), c.ID); err != nil {
					return err
				}
			}
			s.nums[i], s.byNum[num], s.names[num] = num, i, c.ID
		}
		for check, num := range known {
			s.names[num] = check
		}
		return nil
	})
}

func (s *Service) knownNumbers(ctx context.Context) (known map[string]uint64, most uint64, err error) {
	rows, err := s.DB.Query(ctx, "SELECT num, id FROM posture_check")
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = rows.Close() }()
	known = map[string]uint64{}
	for rows.Next() {
		var num uint64
		var check string
		if err := rows.Scan(&num, &check); err != nil {
			return nil, 0, err
		}
		known[check] = num
		most = max(most, num)
	}
	return known, most, rows.Err()
}

func (s *Service) restoreControls(ctx context.Context) error {
	rows, err := s.DB.Query(ctx, "SELECT control, status, reason, since, digest FROM posture_control")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var control, status, reason, digest string
		var since int64
		if err := rows.Scan(&control, &status, &reason, &since, &digest); err != nil {
			return err
		}
		if c := s.byID[control]; c != nil {
			c.status, c.reason, c.since, c.digest = fleet.Status(status), reason, store.FromTime(since), digest
		}
	}
	return rows.Err()
}

// storeChange writes a change of a control's status and what it is now.
func (s *Service) storeChange(tx *store.Tx, ch change) error {
	at := store.Time(ch.At)
	if ch.Before == ch.After {
		_, err := tx.Exec("UPDATE posture_control SET digest = ? WHERE control = ?", ch.Digest, ch.Control)
		return err
	}
	if _, err := tx.Exec("INSERT INTO posture_history (id, control, at, was, became, reason) VALUES (?, ?, ?, ?, ?, ?)",
		ch.entry, ch.Control, at, string(ch.Before), string(ch.After), ch.Reason); err != nil {
		return err
	}
	_, err := tx.Exec(`INSERT INTO posture_control (control, status, reason, since, digest) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (control) DO UPDATE SET status = excluded.status, reason = excluded.reason, since = excluded.since, digest = excluded.digest`,
		ch.Control, string(ch.After), ch.Reason, at, ch.Digest)
	return err
}

// history reads changes from a time on and before another, newest first: of one control, or of all when control is empty.
func (s *Service) history(ctx context.Context, control string, since, before int64, most int) (out []change, err error) {
	query, args := "SELECT control, at, was, became, reason FROM posture_history WHERE at >= ? AND at < ?", []any{since, before}
	if control != "" {
		query, args = query+" AND control = ?", append(args, control)
	}
	rows, err := s.DB.Query(ctx, query+" ORDER BY at DESC, id DESC LIMIT ?", append(args, most)...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var ch change
		var at int64
		if err := rows.Scan(&ch.Control, &at, &ch.Before, &ch.After, &ch.Reason); err != nil {
			return nil, err
		}
		ch.At = store.FromTime(at)
		out = append(out, ch)
	}
	return out, rows.Err()
}

// trendPoint is the score at a past moment.
type trendPoint struct {
	At       time.Time `json:"at"`
	Pass     *float64  `json:"passPercent"` // null where nothing was measured
	Coverage float64   `json:"coveragePercent"`
}

func (s *Service) storeTrend(ctx context.Context, t trendPoint) error {
	pass := -1.0
	if t.Pass != nil {
		pass = *t.Pass
	}
	return s.DB.Keep(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO posture_trend (at, passing, coverage) VALUES (?, ?, ?)
			ON CONFLICT (at) DO UPDATE SET passing = excluded.passing, coverage = excluded.coverage`, store.Time(t.At), pass, t.Coverage)
		if err == nil {
			_, err = tx.Exec("DELETE FROM posture_trend WHERE at < ?", store.Time(t.At.Add(-trendKept)))
		}
		return err
	})
}

// trendSince reads the score over time, thinned to at most most points of which each is the last of its stretch.
func (s *Service) trendSince(ctx context.Context, from, to time.Time, most int64) (out []trendPoint, err error) {
	stretch := max(store.Time(to)-store.Time(from), most) / most
	rows, err := s.DB.Query(ctx, `SELECT at, passing, coverage FROM posture_trend WHERE at IN
		(SELECT MAX(at) FROM posture_trend WHERE at >= ? GROUP BY at / ?) ORDER BY at`, store.Time(from), stretch)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var at int64
		var pass, coverage float64
		if err := rows.Scan(&at, &pass, &coverage); err != nil {
			return nil, err
		}
		t := trendPoint{At: store.FromTime(at), Coverage: coverage}
		if pass >= 0 {
			t.Pass = &pass
		}
		out = append(out, t)
	}
	return out, rows.Err()
}
