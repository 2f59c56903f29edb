package posture

import (
	"context"
	"database/sql"
	"time"

	"github.com/thingward/thingward/server/store"
)

const exceptionColumns = "id, control, check_id, subject_kind, subject, subject_name, scope_type, scope_site, scope_system, state, requester, requester_id, approver, justification, compensating, plan, requested, decided, finished, ends, reason"

func storeException(tx *store.Tx, e *Exception) error {
	var about Ref
	var scope Scope
	if e.Subject != nil {
		about = *e.Subject
	}
	if e.Scope != nil {
		scope = *e.Scope
	}
	_, err := tx.Exec("INSERT INTO posture_exception ("+exceptionColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET state = excluded.state, approver = excluded.approver, decided = excluded.decided, finished = excluded.finished, reason = excluded.reason`,
		e.ID, e.Control, e.Check, string(about.Kind), about.ID, about.Name, scope.Type, scope.Site, scope.System, string(e.State), e.Requester, e.requesterID, e.Approver,
		e.Justification, e.Compensating, e.Plan, store.Time(e.Requested), stored(e.Decided), stored(e.Finished), store.Time(e.Ends), e.Reason)
	return err
}

func stored(t *time.Time) int64 {
	if t == nil {
		return 0
	}
	return store.Time(*t)
}

func scanException(scan func(...any) error) (*Exception, error) {
	var e Exception
	var about Ref
	var scope Scope
	var requested, decided, finished, ends int64
	err := scan(&e.ID, &e.Control, &e.Check, &about.Kind, &about.ID, &about.Name, &scope.Type, &scope.Site, &scope.System, &e.State, &e.Requester, &e.requesterID, &e.Approver,
		&e.Justification, &e.Compensating, &e.Plan, &requested, &decided, &finished, &ends, &e.Reason)
	if about.Kind != "" {
		e.Subject = &about
	}
	if scope != (Scope{}) {
		e.Scope = &scope
	}
	e.Requested, e.Decided, e.Finished, e.Ends = store.FromTime(requested), at(decided), at(finished), store.FromTime(ends)
	return &e, err
}

func readException(tx *store.Tx, ref string) (*Exception, error) {
	e, err := scanException(tx.QueryRow("SELECT "+exceptionColumns+" FROM posture_exception WHERE id = ?", ref).Scan)
	if store.IsNoRows(err) {
		return nil, errNoException(ref)
	}
	return e, err
}

// exceptionsWhere reads exceptions, newest first.
func (s *Service) exceptionsWhere(ctx context.Context, where string, args ...any) (out []*Exception, err error) {
	rows, err := s.DB.Query(ctx, "SELECT "+exceptionColumns+" FROM posture_exception "+where+" ORDER BY id DESC", args...)
	if err != nil {
		return nil, err
	}
	return out, eachRow(rows, func(scan func(...any) error) error {
		e, err := scanException(scan)
		out = append(out, e)
		return err
	})
}

// eachRow calls fn for every row and closes them.
func eachRow(rows *sql.Rows, fn func(scan func(...any) error) error) error {
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// restoreExceptions takes over what was approved. What reached its end while the server was down ends at the first step.
func (s *Service) restoreExceptions(ctx context.Context) error {
	list, err := s.exceptionsWhere(ctx, "WHERE state = ?", string(ExceptionApproved))
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.Clock.Now()
	for _, e := range list {
		if e.in(now) {
			s.exceptions[e.ID] = e
		} else {
			s.ending[e.ID] = true
		}
	}
	for _, e := range s.exceptions {
		if s.byID[e.Control] != nil {
			s.reweigh(e.Control)
		}
	}
	return nil
}
