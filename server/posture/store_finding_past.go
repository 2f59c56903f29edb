package posture

import (
	"context"
	"strings"
	"time"

	"github.com/thingward/thingward/server/store"
)

// findingsAt lists findings as they stood at a past moment, and counts them where count is set.
func (s *Service) findingsAt(ctx context.Context, q *search, then time.Time, count bool) (found []Finding, total int, err error) {
	if err := s.flushUpTo(ctx, true); err != nil {
		return nil, 0, err
	}
	past, err := s.exceptionsAt(ctx, then)
	if err != nil {
		return nil, 0, err
	}
	seqs, total := s.seqsAt(q, store.Time(then), past, count)
	if len(seqs) == 0 {
		return nil, total, nil
	}
	args := make([]any, len(seqs))
	for i, seq := range seqs {
		args[i] = seq
	}
	rows, err := s.DB.Query(ctx, "SELECT "+findingColumns+" FROM posture_finding WHERE seq IN (?"+strings.Repeat(", ?", len(seqs)-1)+")", args...)
	if err != nil {
		return nil, 0, err
	}
	list, err := s.scanFindings(rows, then)
	if err != nil {
		return nil, 0, err
	}
	bySeq := make(map[int64]*Finding, len(list))
	for i := range list {
		s.asOf(&list[i], then, past)
		bySeq[list[i].seq] = &list[i]
	}
	if err := s.notesAt(ctx, bySeq, then); err != nil {
		return nil, 0, err
	}
	for _, seq := range seqs {
		if f := bySeq[seq]; f != nil {
			found = append(found, *f)
		}
	}
	return found, total, nil
}

// seqsAt finds which findings are on the page, without the database.
func (s *Service) seqsAt(q *search, then int64, past map[int]*cover, count bool) ([]int64, int) {
	s.lives.mu.RLock()
	defer s.lives.mu.RUnlock()
	m := s.lives.ask(s, q, then, past)
	if m == nil {
		return nil, 0
	}
	return m.page(count)
}

// notesAt counts the notes that findings had at a moment.
func (s *Service) notesAt(ctx context.Context, bySeq map[int64]*Finding, then time.Time) error {
	byID, args := map[string]*Finding{}, []any{}
	for _, f := range bySeq {
		if f.Notes > 0 {
			f.Notes = 0
			byID[f.ID], args = f, append(args, f.ID)
		}
	}
	if len(args) == 0 {
		return nil
	}
	rows, err := s.DB.Query(ctx, "SELECT finding, COUNT(*) FROM posture_note WHERE finding IN (?"+strings.Repeat(", ?", len(args)-1)+") AND at <= ? GROUP BY finding", append(args, store.Time(then))...)
	if err != nil {
		return err
	}
	return eachRow(rows, func(scan func(...any) error) error {
		var ref string
		var n int
		if err := scan(&ref, &n); err != nil {
			return err
		}
		byID[ref].Notes = n
		return nil
	})
}

// asOf makes a finding what it was at a past moment, but for its notes.
func (s *Service) asOf(f *Finding, then time.Time, past map[int]*cover) {
	f.State, f.Exception = FindingOpen, ""
	switch {
	case f.Closed != nil && !f.Closed.After(then):
		f.State = FindingClosed
	default:
		f.Closed, f.ClosedBy, f.Ending = nil, "", ""
		if i, ok := s.byNum[f.num]; ok {
			if e := s.coveringThen(i, f.Subject, past); e != nil {
				f.State, f.Exception = FindingExcepted, e.ID
			}
		}
	}
	s.lives.mu.RLock()
	if v := s.lives.find(f.seq); v != nil {
		owner, due := s.lives.heldAt(v, store.Time(then))
		f.Owner, f.Due = s.lives.owners.text[owner], store.FromTime(due)
	}
	s.lives.mu.RUnlock()
	f.Overdue = f.State == FindingOpen && !then.Before(f.Due)
}

// coveringThen is the exception that covered a failure of a check at a past moment, going by where its subject is now.
func (s *Service) coveringThen(i int, about Ref, past map[int]*cover) *Exception {
	if past[i] == nil {
		return nil
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	sub := s.state.populations[s.Checks[i].Subject].subjects[about.ID]
	if sub == nil {
		return past[i].covering(about, "", place{}, nil)
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
