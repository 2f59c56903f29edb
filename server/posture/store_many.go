package posture

import (
	"cmp"
	"slices"
	"strings"

	"github.com/thingward/thingward/server/store"
)

// manyRows is how many rows one statement writes at most: with a row for each, the first evaluation of a large fleet waits for
// the database's answers.
const manyRows = 64

// inPieces cuts a list into pieces whose lengths are powers of two, so that there are few different statements.
func inPieces[T any](list []T, fn func([]T) error) error {
	for n := manyRows; n > 0; n /= 2 {
		for len(list) >= n {
			if err := fn(list[:n]); err != nil {
				return err
			}
			list = list[n:]
		}
	}
	return nil
}

// writeRows deletes what is gone and writes every other subject.
func writeRows(tx *store.Tx, rows []row) error {
	for _, r := range rows {
		if r.b != nil {
			continue
		}
		if _, err := tx.Exec("DELETE FROM posture_observation WHERE kind = ? AND subject = ?", string(r.ref.Kind), r.ref.ID); err != nil {
			return err
		}
	}
	return inPieces(slices.DeleteFunc(slices.Clone(rows), func(r row) bool { return r.b == nil }), func(some []row) error {
		args := make([]any, 0, 8*len(some))
		for _, r := range some {
			args = append(args, string(r.ref.Kind), r.ref.ID, r.ref.Name, r.typ, r.in.site, r.in.system, r.at, r.b)
		}
		_, err := tx.Exec(`INSERT INTO posture_observation (kind, subject, name, type, site, system, observed, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`+strings.Repeat(", (?, ?, ?, ?, ?, ?, ?, ?)", len(some)-1)+`
			ON CONFLICT (kind, subject) DO UPDATE SET name = excluded.name, type = excluded.type, site = excluded.site, system = excluded.system,
			observed = excluded.observed, body = excluded.body`, args...)
		return err
	})
}

// writeOpenings adds findings that opened one after the other, with nothing between that closed one: no two of them are about the
// same check and subject.
func (s *Service) writeOpenings(tx *store.Tx, turns []*turn, d *moves) error {
	byCheck := map[int][]*turn{}
	for _, t := range turns {
		byCheck[t.check] = append(byCheck[t.check], t)
	}
	before := len(d.opened)
	for check, list := range byCheck {
		if err := inPieces(list, func(some []*turn) error { return s.writePiece(tx, check, some, d) }); err != nil {
			return err
		}
	}
	slices.SortFunc(d.opened[before:], func(a, b opening) int { return cmp.Compare(a.seq, b.seq) })
	return nil
}

// writePiece adds findings of one check and notes those that were not there.
func (s *Service) writePiece(tx *store.Tx, check int, turns []*turn, d *moves) error {
	num, clock := s.nums[check], clocks[s.severity(check)].Microseconds()
	n, err := s.insertOpenings(tx, check, turns, clock)
	for _, t := range turns {
		if err != nil {
			return err
		}
		added := 1
		if int(n) < len(turns) { // some were open already
			err = tx.QueryRow("SELECT COUNT(*) FROM posture_finding WHERE seq = ? AND id = ?", t.number, t.id(s.Checks[check].ID)).Scan(&added)
		}
		if err == nil && added > 0 {
			d.sums[entry{num, "", findingOpen}]++
			d.opened = append(d.opened, opening{seq: t.number, at: t.at, due: t.at + clock, num: num, subject: t.subject.ID, name: t.subject.Name})
		}
	}
	return err
}

// insertOpenings adds findings of one check, but none where one is open already: after a crash an observation may have been made
// twice.
func (s *Service) insertOpenings(tx *store.Tx, check int, turns []*turn, clock int64) (int64, error) {
	const one = "(CAST(? AS BIGINT), ?, ?, ?, ?, CAST(? AS BIGINT), ?, CAST(? AS BIGINT))"
	num := int64(s.nums[check])
	args := make([]any, 0, 8*len(turns)+3)
	args = append(args, num, num)
	for _, t := range turns {
		args = append(args, t.number, t.id(s.Checks[check].ID), string(t.subject.Kind), t.subject.ID, t.subject.Name, t.at, t.reason, t.at+clock)
	}
	return tx.Exec(`INSERT INTO posture_finding (seq, id, num, kind, subject, name, state, opened, reason, closed, closed_seq, closed_by, closed_reason, exception, owner, due, overdue, former, notes)
		SELECT v.column1, v.column2, CAST(? AS BIGINT), v.column3, v.column4, v.column5, 0, v.column6, v.column7, 0, 0, '', '', '', '', v.column8, FALSE,
			COALESCE((SELECT f.id FROM posture_finding f WHERE f.subject = v.column4 AND f.num = ? AND f.kind = v.column3 ORDER BY f.seq DESC LIMIT 1), ''), 0
		FROM (VALUES `+one+strings.Repeat(", "+one, len(turns)-1)+`) AS v
		WHERE NOT EXISTS (SELECT 1 FROM posture_finding f WHERE f.subject = v.column4 AND f.num = ? AND f.kind = v.column3 AND f.state <> 2)`, append(args, num)...)
}
