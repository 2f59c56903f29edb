package posture

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/thingward/thingward/server/store"
)

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
	if len(q.states) == 1 && q.states[0] == findingExcepted {
		if len(past) == 0 {
			return nil, nil
		}
		q.only(past, s.nums)
	}
	walk := *q
	walk.sort, walk.overdue, walk.owner, walk.limit = "-opened", false, nil, pastChunk
	if len(walk.keys) == 0 && q.subjects != nil {
		walk.keys = []int64{math.MaxInt64} // they are few anyway
	} else if len(walk.keys) == 0 {
		newest, err := s.newestAt(ctx, then)
		if err != nil {
			return nil, err
		}
		walk.keys = []int64{newest + 1}
	}
	streams, err := s.pastStreams(ctx, &walk, store.Time(then))
	if err != nil {
		return nil, err
	}
	for len(found) <= q.limit {
		var list []Finding
		for part := range slices.Chunk(streams, streamsMost) {
			some, err := s.merge(ctx, &walk, part, "seq DESC")
			if err != nil {
				return nil, err
			}
			list = append(list, some...)
		}
		slices.SortFunc(list, walk.compare)
		list = list[:min(len(list), pastChunk)]
		for _, f := range list {
			walk.keys[0] = f.seq
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

// only narrows a search to checks that exceptions covered.
func (q *search) only(past map[int]*cover, nums []uint64) {
	covered := []uint64{}
	for i := range past {
		if q.checks == nil || slices.Contains(q.checks, nums[i]) {
			covered = append(covered, nums[i])
		}
	}
	q.checks = covered
}

// newestAt is the number of the newest finding that was opened up to a moment; the order of numbers is not that of times where the
// clock went back.
func (s *Service) newestAt(ctx context.Context, then time.Time) (seq int64, err error) {
	err = s.DB.QueryRow(ctx, "SELECT COALESCE(MAX(seq), 0) FROM posture_finding WHERE opened <= ?", store.Time(then)).Scan(&seq)
	return seq, err
}

// pastStreams are the findings that were there at a moment: of those that are closed now, those that were closed later.
func (s *Service) pastStreams(ctx context.Context, q *search, at int64) ([]stream, error) {
	all := s.ledger.copy()
	some := func(states []int, term string, args ...any) []stream {
		one := *q
		one.states = states
		list := one.streams(all)
		for i := range list {
			list[i].where, list[i].args = list[i].where+" AND opened + 0 <= ?"+term, append(append(list[i].args, at), args...)
		}
		return list
	}
	switch {
	case len(q.states) > 1:
		return some([]int{findingOpen, findingExcepted, findingClosed}, ""), nil
	case q.states[0] == findingClosed:
		return some([]int{findingClosed}, " AND closed + 0 <= ?", at), nil
	}
	var since int
	err := s.DB.QueryRow(ctx, "SELECT COUNT(*) FROM (SELECT 1 FROM posture_finding WHERE state = 2 AND closed > ? LIMIT ?) c", at, overdueFew+1).Scan(&since)
	if err != nil {
		return nil, err
	}
	still := some([]int{findingOpen, findingExcepted}, "")
	if since > overdueFew || q.subjects != nil || q.text != "" {
		return append(still, some([]int{findingClosed}, " AND closed + 0 > ?", at)...), nil
	}
	later := stream{where: "state = 2 AND closed > ? AND opened + 0 <= ?", args: []any{at, at}, order: "seq + 0 DESC"} // few: sorted
	if q.checks != nil {
		later.among(q.checks)
	}
	return append(still, later), nil
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
