package posture

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/store"
)

// ApproveException lets an exception count until its end. Only a person may, and never who asked for it.
func (s *Service) ApproveException(ctx context.Context, ref, reason string) (Exception, error) {
	return s.decide(ctx, ref, func(tx *store.Tx, by access.Principal, e *Exception) error { return s.approve(tx, by, e, reason) })
}

// RefuseException turns an exception down; never who asked for it, who may withdraw it instead.
func (s *Service) RefuseException(ctx context.Context, ref, reason string) (Exception, error) {
	return s.decide(ctx, ref, func(tx *store.Tx, by access.Principal, e *Exception) error { return s.refuse(tx, by, e, reason) })
}

// WithdrawException ends an exception before its time, or takes a request back. What it covered counts again at once.
func (s *Service) WithdrawException(ctx context.Context, ref, reason string) (Exception, error) {
	return s.decide(ctx, ref, func(tx *store.Tx, by access.Principal, e *Exception) error { return s.withdraw(tx, by, e, reason) })
}

// decide reads an exception, does one step of its life in a transaction, and lets what it covers count anew.
func (s *Service) decide(ctx context.Context, ref string, do func(*store.Tx, access.Principal, *Exception) error) (Exception, error) {
	by, ok := access.From(ctx)
	if !ok {
		return Exception{}, fleet.Errorf(fleet.CodeUnauthenticated, "exceptions are decided by people: sign in first")
	}
	s.deciding.Lock()
	defer s.deciding.Unlock()
	var e *Exception
	err := s.DB.Change(ctx, func(tx *store.Tx) (err error) {
		if e, err = readException(tx, ref); err != nil {
			return err
		}
		return do(tx, by, e)
	})
	if err != nil {
		return Exception{}, err
	}
	s.enforce(e)
	if s.isReady() {
		if err := s.rollUp(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("control changes not recorded, trying again", "error", err)
		}
	}
	s.queue.touch() // the loop sleeps until the next end, which may be another one now
	s.count(e)
	return *e, nil
}

// enforce takes an exception in force over into the state, and any other out of it.
func (s *Service) enforce(e *Exception) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, was := s.exceptions[e.ID]
	if e.in(s.Clock.Now()) {
		kept := *e
		s.exceptions[e.ID] = &kept
	} else if !was {
		return
	} else {
		delete(s.exceptions, e.ID)
	}
	if s.byID[e.Control] != nil {
		s.reweigh(e.Control)
	}
}

// mayDecide refuses whoever must not judge this exception.
func mayDecide(by access.Principal, e *Exception) error {
	switch {
	case by.Kind != access.Person:
		return fleet.Errorf(fleet.CodeForbidden, "exceptions are decided by people, and %s is a %s: ask a risk manager", by.Name, by.Kind)
	case by.ID == e.requesterID:
		return fleet.Errorf(fleet.CodeForbidden, "%s asked for this exception and may not decide about it: ask another person who may (exception:decide), or withdraw it", by.Name)
	default:
		return nil
	}
}

func (s *Service) approve(tx *store.Tx, by access.Principal, e *Exception, reason string) error {
	now := s.Clock.Now()
	if err := mayDecide(by, e); err != nil {
		return err
	}
	switch {
	case e.State != ExceptionRequested:
		return fleet.Errorf(fleet.CodeConflict, "the exception is %s: only one that is requested can be approved", e.State)
	case !now.Before(e.Ends):
		return fleet.Errorf(fleet.CodeConflict, "its end (%s) has passed: ask for a new one", Day(e.Ends))
	}
	e.State, e.Approver, e.Decided, e.Reason = ExceptionApproved, by.Name, &now, reason
	return s.decided(tx, "exception.approved", now, by.Party(), e, map[string]any{"reason": reason, "plan": e.Plan})
}

func (s *Service) refuse(tx *store.Tx, by access.Principal, e *Exception, reason string) error {
	now := s.Clock.Now()
	if err := mayDecide(by, e); err != nil {
		return err
	}
	if e.State != ExceptionRequested {
		return fleet.Errorf(fleet.CodeConflict, "the exception is %s: only one that is requested can be refused", e.State)
	}
	if err := wantReason(reason); err != nil {
		return err
	}
	e.State, e.Approver, e.Decided, e.Reason = ExceptionRefused, by.Name, &now, reason
	return s.decided(tx, "exception.refused", now, by.Party(), e, map[string]any{"reason": reason})
}

func (s *Service) withdraw(tx *store.Tx, by access.Principal, e *Exception, reason string) error {
	now := s.Clock.Now()
	if e.State != ExceptionRequested && e.State != ExceptionApproved {
		return fleet.Errorf(fleet.CodeConflict, "the exception is %s already: there is nothing to withdraw", e.State)
	}
	if err := wantReason(reason); err != nil {
		return err
	}
	e.State, e.Finished, e.Reason = ExceptionWithdrawn, &now, reason
	return s.decided(tx, "exception.withdrawn", now, by.Party(), e, map[string]any{"reason": reason})
}

func wantReason(reason string) error {
	if strings.TrimSpace(reason) == "" {
		return fleet.Invalid("reason", "say why, so that it can be understood later")
	}
	return nil
}

func (s *Service) decided(tx *store.Tx, typ string, now time.Time, by fleet.Party, e *Exception, extra map[string]any) error {
	if err := storeException(tx, e); err != nil {
		return err
	}
	return s.Audit.Record(tx, fleet.NewEvent(typ, now, by, e.party(), e.data(extra)))
}

// endExceptions ends what has reached its end: at once in the state, so that nothing stays excepted when the database does not
// answer, then in the database and the log.
func (s *Service) endExceptions(ctx context.Context) error {
	for _, ref := range s.lapse() {
		if err := s.end(ctx, ref); err != nil {
			return err
		}
	}
	return nil
}

// lapse takes what has reached its end out of the state and lists what is not yet written.
func (s *Service) lapse() []string {
	now := s.Clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.exceptions {
		if !e.in(now) {
			delete(s.exceptions, e.ID)
			s.ending[e.ID] = true
			if s.byID[e.Control] != nil {
				s.reweigh(e.Control)
			}
		}
	}
	return slices.Sorted(maps.Keys(s.ending))
}

// end writes that an exception ended. One that was ended stays so, whatever the clock says later.
func (s *Service) end(ctx context.Context, ref string) error {
	s.deciding.Lock()
	defer s.deciding.Unlock()
	err := s.DB.Keep(ctx, func(tx *store.Tx) error {
		e, err := readException(tx, ref)
		if err != nil || e.State != ExceptionApproved {
			return err
		}
		now := s.Clock.Now()
		e.State, e.Finished = ExceptionEnded, &now
		return s.decided(tx, "exception.ended", now, fleet.Server("posture"), e, nil)
	})
	if err != nil && fleet.CodeOf(err) != fleet.CodeNotFound {
		return err
	}
	s.mu.Lock()
	delete(s.ending, ref)
	s.mu.Unlock()
	return nil
}

// nextEnd is when the next exception ends, 0 when none does. The caller holds mu.
func (s *Service) nextEnd() (at int64) {
	for _, e := range s.exceptions {
		if ends := store.Time(e.Ends); at == 0 || ends < at {
			at = ends
		}
	}
	return at
}

// SettingException is the exception in force that names a setting, if there is one.
func (s *Service) SettingException(setting string) (Exception, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, e := range s.inForce() {
		if e.Subject != nil && e.Subject.Kind == Setting && e.Subject.ID == setting && e.in(s.Clock.Now()) {
			return *e, true
		}
	}
	return Exception{}, false
}
