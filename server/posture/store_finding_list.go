package posture

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/thingward/thingward/server/store"
)

// stream is a part of the findings that an index gives in the list's order.
type stream struct {
	where string
	args  []any
	order string // where it differs from the list's
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
	switch {
	case q.sort == "due" && q.unowned() && q.few(all):
		return "due + 0, seq"
	case q.sort == "due":
		return "due, seq"
	case q.overdue && q.few(all):
		return "seq + 0 DESC"
	default:
		return "seq DESC"
	}
}

// few reports whether the search finds so few that sorting them costs nothing.
func (q *search) few(all sums) bool {
	n := 0
	for _, state := range q.states {
		n += q.number(all, nil, state)
	}
	return n <= overdueFew
}

func (q *search) unowned() bool { return q.owner != nil && *q.owner == "" }

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
			out = append(out, stream{where: "state = ?", args: []any{state}})
		}
		for _, num := range checks {
			if q.number(all, &num, state) == 0 && !q.overdue {
				continue
			}
			switch {
			case q.unowned() && q.sort == "due" && !q.few(all): // most are nobody's: no index has them by due date
				out = append(out, stream{where: "owner || '' = ? AND num = ? AND state = ?", args: []any{"", int64(num), state}})
			case q.owner != nil && !q.unowned(): // said twice, so that the index of those with an owner serves
				out = append(out, stream{where: "owner = ? AND owner <> '' AND num = ? AND state = ?", args: []any{*q.owner, int64(num), state}})
			case q.owner != nil:
				out = append(out, stream{where: "owner = ? AND num = ? AND state = ?", args: []any{*q.owner, int64(num), state}})
			default:
				out = append(out, stream{where: "num = ? AND state = ?", args: []any{int64(num), state}})
			}
		}
	}
	return out
}

// about is the findings about a few subjects.
func (q *search) about(subjects []string) (out []stream) {
	for _, id := range subjects {
		st := stream{where: "subject = ? AND state IN (?, ?, ?)", args: []any{id, q.states[0], q.states[len(q.states)/2], q.states[len(q.states)-1]}}
		if q.checks != nil {
			st.among(q.checks)
		}
		if q.owner != nil {
			st.where, st.args = st.where+" AND owner = ?", append(st.args, *q.owner)
		}
		out = append(out, st)
	}
	return out
}

func (st *stream) among(nums []uint64) {
	if len(nums) == 0 {
		st.where += " AND 1 = 0"
		return
	}
	st.where += " AND num IN (?" + strings.Repeat(", ?", len(nums)-1) + ")"
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
		like := stream{}
		like.among(q.said)
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
		parts = append(parts, "SELECT seq, due FROM (SELECT seq, due FROM posture_finding WHERE "+st.where+" ORDER BY "+cmp.Or(st.order, order)+" LIMIT ?) s"+string(rune('a'+i%26)))
		args = append(append(args, st.args...), q.limit+1)
	}
	if len(parts) == 0 {
		return nil, nil
	}
	keys := "SELECT seq FROM (" + strings.Join(parts, " UNION ") + ") k ORDER BY " + strings.ReplaceAll(order, " + 0", "") + " LIMIT ?"
	rows, err := s.DB.Query(ctx, "SELECT "+findingColumns+" FROM posture_finding WHERE seq IN ("+keys+")", append(args, q.limit+1)...)
	if err != nil {
		return nil, err
	}
	return s.scanFindings(rows, store.FromTime(q.now))
}
