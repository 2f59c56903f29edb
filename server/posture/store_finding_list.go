package posture

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/server/store"
)

// stream is a part of the findings that an index gives in the list's order.
type stream struct {
	where string
	args  []any
}

// streamsMost is how many streams one query merges; SQLite's limit is 500.
const streamsMost = 400

// overdueFew is up to how many overdue findings are sorted instead of looked for in the list's order.
const overdueFew = 5000

// walk reads a page of the list and one more.
func (s *Service) walk(ctx context.Context, q *search, all sums) ([]Finding, error) {
	if q.sort == "control" {
		return s.walkChecks(ctx, q, all)
	}
	var found []Finding
	for part := range slices.Chunk(q.streams(all), streamsMost) {
		list, err := s.merge(ctx, q, part, q.order(all))
		if err != nil {
			return nil, err
		}
		found = append(found, list...)
	}
	slices.SortFunc(found, q.compare)
	return found[:min(len(found), q.limit+1)], nil
}

// walkChecks reads one check after the other.
func (s *Service) walkChecks(ctx context.Context, q *search, all sums) (found []Finding, err error) {
	begun := len(q.keys) == 0
	for _, num := range q.checks {
		if len(q.keys) > 0 && num == uint64(q.keys[0]) {
			begun = true
		} else if begun && len(q.keys) > 0 {
			q.keys = nil // behind the cursor's check all of each is wanted
		}
		if !begun || len(found) > q.limit {
			continue
		}
		one := *q
		one.sort, one.checks = "-opened", []uint64{num}
		if len(q.keys) > 0 {
			one.keys = q.keys[1:]
		}
		list, err := s.walk(ctx, &one, all)
		if err != nil {
			return nil, err
		}
		found = append(found, list...)
	}
	return found[:min(len(found), q.limit+1)], nil
}

func (q *search) compare(a, b Finding) int {
	if q.sort == "due" {
		return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.seq, b.seq))
	}
	return cmp.Compare(b.seq, a.seq)
}

// order is how a stream is sorted. Where few are overdue, the list's own order would be walked in vain: those few are sorted.
func (q *search) order(all sums) string {
	if q.sort == "due" {
		return "due, seq"
	}
	if q.overdue {
		few := 0
		for _, state := range q.states {
			few += q.number(all, nil, state)
		}
		if few <= overdueFew {
			return "seq + 0 DESC"
		}
	}
	return "seq DESC"
}

// streams lists the streams of a search, leaving out those that the ledger knows to be empty.
func (q *search) streams(all sums) (out []stream) {
	if q.subjects != nil {
		return q.about(q.subjects)
	}
	checks := q.checks
	if q.text != "" && !q.dense {
		out = q.about(q.named)
		checks = q.said
		if q.checks != nil {
			checks = slices.DeleteFunc(slices.Clone(q.said), func(n uint64) bool { return !slices.Contains(q.checks, n) })
		}
	} else if checks == nil && q.owner != nil {
		for e := range all {
			if e.owner == *q.owner {
				checks = append(checks, e.num)
			}
		}
		slices.Sort(checks)
		checks = append([]uint64{}, slices.Compact(checks)...)
	}
	for _, state := range q.states {
		if checks == nil && (q.text == "" || q.dense) {
			out = append(out, stream{"state = ?", []any{state}})
		}
		for _, num := range checks {
			if q.number(all, &num, state) == 0 && !q.overdue {
				continue
			}
			if q.owner != nil {
				out = append(out, stream{"owner = ? AND num = ? AND state = ?", []any{*q.owner, int64(num), state}})
			} else {
				out = append(out, stream{"num = ? AND state = ?", []any{int64(num), state}})
			}
		}
	}
	return out
}

// about is the findings about a few subjects.
func (q *search) about(subjects []string) (out []stream) {
	for _, id := range subjects {
		st := stream{"subject = ? AND state IN (?, ?, ?)", []any{id, q.states[0], q.states[len(q.states)/2], q.states[len(q.states)-1]}}
		if q.checks != nil {
			st.among("num", q.checks)
		}
		if q.owner != nil {
			st.where, st.args = st.where+" AND owner = ?", append(st.args, *q.owner)
		}
		out = append(out, st)
	}
	return out
}

func (st *stream) among(column string, nums []uint64) {
	if len(nums) == 0 {
		st.where += " AND 1 = 0"
		return
	}
	st.where += " AND " + column + " IN (?" + strings.Repeat(", ?", len(nums)-1) + ")"
	for _, n := range nums {
		st.args = append(st.args, int64(n))
	}
}

// rest is what else must hold of every row.
func (q *search) rest(st stream) stream {
	if q.overdue {
		st.where, st.args = st.where+" AND due <= ?", append(st.args, q.now)
	}
	switch {
	case len(q.keys) == 0:
	case q.sort == "due":
		st.where, st.args = st.where+" AND (due, seq) > (?, ?)", append(st.args, q.keys[0], q.keys[1])
	default:
		st.where, st.args = st.where+" AND seq < ?", append(st.args, q.keys[len(q.keys)-1])
	}
	if q.dense {
		like := stream{"", nil}
		like.among("num", q.said)
		said := strings.TrimPrefix(like.where, " AND ")
		st.where += " AND (" + said + " OR LOWER(name) LIKE ? ESCAPE '\\')"
		st.args = append(append(st.args, like.args...), "%"+store.Like(q.text)+"%")
	}
	return st
}

// merge reads the first of several streams together: their keys from the indexes, then the rows.
func (s *Service) merge(ctx context.Context, q *search, streams []stream, order string) ([]Finding, error) {
	var parts []string
	var args []any
	for i, st := range streams {
		st = q.rest(st)
		parts = append(parts, "SELECT seq, due FROM (SELECT seq, due FROM posture_finding WHERE "+st.where+" ORDER BY "+order+" LIMIT ?) s"+string(rune('a'+i%26)))
		args = append(append(args, st.args...), q.limit+1)
	}
	if len(parts) == 0 {
		return nil, nil
	}
	keys := "SELECT seq FROM (" + strings.Join(parts, " UNION ") + ") k ORDER BY " + strings.Replace(order, "seq + 0", "seq", 1) + " LIMIT ?"
	rows, err := s.DB.Query(ctx, "SELECT "+findingColumns+" FROM posture_finding WHERE seq IN ("+keys+")", append(args, q.limit+1)...)
	if err != nil {
		return nil, err
	}
	return s.scanFindings(rows, store.FromTime(q.now))
}

// pastChunk is how many findings of a past moment are read at once.
const pastChunk = 500

// findingsAt lists findings as they stood at a past moment, newest first.
func (s *Service) findingsAt(ctx context.Context, q *search, then time.Time) (found []Finding, err error) {
	if err := s.flushUpTo(ctx, true); err != nil {
		return nil, err
	}
	past, err := s.exceptionsAt(ctx, then)
	if err != nil {
		return nil, err
	}
	st, at := stream{"opened <= ?", []any{store.Time(then)}}, store.Time(then)
	if len(q.states) == 1 && q.states[0] == findingClosed {
		st.where, st.args = st.where+" AND closed > 0 AND closed <= ?", append(st.args, at)
	} else if len(q.states) == 1 {
		st.where, st.args = st.where+" AND (closed = 0 OR closed > ?)", append(st.args, at)
	}
	if q.checks != nil {
		st.among("num", q.checks)
	}
	if q.subjects != nil {
		st.where += " AND subject IN (?" + strings.Repeat(", ?", len(q.subjects)-1) + ")"
		for _, id := range q.subjects {
			st.args = append(st.args, id)
		}
	}
	q.dense = q.text != ""
	last := int64(1<<63 - 1)
	if len(q.keys) > 0 {
		last = q.keys[0]
	}
	for len(found) <= q.limit {
		q.keys = []int64{last}
		part := q.rest(st)
		rows, err := s.DB.Query(ctx, "SELECT "+findingColumns+" FROM posture_finding WHERE "+part.where+" ORDER BY seq DESC LIMIT ?", append(part.args, pastChunk)...)
		if err != nil {
			return nil, err
		}
		list, err := s.scanFindings(rows, then)
		if err != nil {
			return nil, err
		}
		for _, f := range list {
			last = f.seq
			s.asOf(&f, then, past)
			if q.wants(f) {
				found = append(found, f)
			}
		}
		if len(list) < pastChunk {
			break
		}
	}
	return found[:min(len(found), q.limit+1)], nil
}

// wants reports whether a finding of a past moment is among those that are searched.
func (q *search) wants(f Finding) bool {
	return slices.Contains(q.states, slices.Index(findingStates, f.State)) && (!q.overdue || f.Overdue) && (q.owner == nil || f.Owner == *q.owner)
}

// asOf makes a finding what it was at a past moment. Its owner and due date are those of now.
func (s *Service) asOf(f *Finding, then time.Time, past map[int]*cover) {
	f.State, f.Exception = FindingOpen, ""
	switch {
	case f.Closed != nil && !f.Closed.After(then):
		f.State = FindingClosed
	default:
		f.Closed, f.ClosedBy, f.Ending = nil, "", ""
		if e := s.coveringThen(f, past); e != nil {
			f.State, f.Exception = FindingExcepted, e.ID
		}
	}
	f.Overdue = f.State == FindingOpen && !then.Before(f.Due)
}

// coveringThen is the exception that covered a finding at a past moment, going by where its subject is now.
func (s *Service) coveringThen(f *Finding, past map[int]*cover) *Exception {
	i, ok := s.byNum[f.num]
	if !ok || past[i] == nil {
		return nil
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	sub := s.state.populations[f.Subject.Kind].subjects[f.Subject.ID]
	if sub == nil {
		return past[i].covering(f.Subject, "", place{}, nil)
	}
	return past[i].covering(sub.Ref, sub.typ, sub.at.Value(), s.state.blames[blame{i, sub.ID}])
}

// exceptionsAt is the exceptions that were in force at a past moment, by check.
func (s *Service) exceptionsAt(ctx context.Context, then time.Time) (map[int]*cover, error) {
	at := store.Time(then)
	list, err := s.exceptionsWhere(ctx, "WHERE decided > 0 AND decided <= ? AND ends > ? AND (finished = 0 OR finished > ?) AND state <> ?", at, at, at, string(ExceptionRefused))
	if err != nil {
		return nil, err
	}
	out := map[int]*cover{}
	for i := range s.Checks {
		if c := coverOf(&s.Checks[i], list); c != nil {
			out[i] = c
		}
	}
	return out, nil
}
