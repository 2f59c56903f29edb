package detect

import (
	"context"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/store"
)

var errNoAlert = fleet.Errorf(fleet.CodeNotFound, "no alert has this id: thingward alert list shows what there is")

// Acknowledge makes the caller the alert's owner. An alert that somebody else took on, or that is closed, is a conflict.
func (s *Service) Acknowledge(ctx context.Context, id string) (*Alert, error) {
	return s.move(ctx, id, func(tx *store.Tx, al *Alert, by fleet.Party, now time.Time) (fleet.Event, error) {
		switch {
		case al.State == Closed:
			return fleet.Event{}, fleet.Errorf(fleet.CodeConflict, "the alert is closed: a new crossing raises a new one")
		case al.State == Acknowledged && al.Owner == by.Name:
			return fleet.Event{}, fleet.Errorf(fleet.CodeConflict, "the alert is yours already: close it with cause and remedy when it is dealt with")
		case al.State == Acknowledged:
			return fleet.Event{}, fleet.Errorf(fleet.CodeConflict, "%s has taken the alert on: talk to them, or close it", al.Owner)
		}
		al.State, al.Owner, al.Acknowledged = Acknowledged, by.Name, &now
		return fleet.NewEvent("alert.acknowledged", now, by, al.party(), map[string]any{"alert": al.ID, "rule": al.Rule, "subject": al.Subject}), nil
	})
}

const reasonMost = 2000 // bytes of a cause or remedy

// CloseAlert ends an alert with its cause and remedy, both required (TSP-03). Counting of its subject begins anew.
func (s *Service) CloseAlert(ctx context.Context, id, cause, remedy string) (*Alert, error) {
	if err := checkReason("cause", cause); err != nil {
		return nil, err
	}
	if err := checkReason("remedy", remedy); err != nil {
		return nil, err
	}
	cause, remedy = clean(strings.TrimSpace(cause), reasonMost), clean(strings.TrimSpace(remedy), reasonMost)
	return s.move(ctx, id, func(tx *store.Tx, al *Alert, by fleet.Party, now time.Time) (fleet.Event, error) {
		if al.State == Closed {
			return fleet.Event{}, fleet.Errorf(fleet.CodeConflict, "the alert is closed already, by %s: %s", al.ClosedBy, al.Cause)
		}
		if al.Owner == "" {
			al.Owner, al.Acknowledged = by.Name, &now
		}
		al.State, al.Closed, al.ClosedBy, al.Cause, al.Remedy = Closed, &now, by.Name, cause, remedy
		if err := writeCounter(tx, al.Rule, subjectKey(al.Subject), sequence{Horizon: store.Time(now)}, now); err != nil {
			return fleet.Event{}, err
		}
		return fleet.NewEvent("alert.closed", now, by, al.party(), map[string]any{"alert": al.ID, "rule": al.Rule, "subject": al.Subject, "cause": cause, "remedy": remedy}), nil
	})
}

func checkReason(field, text string) error {
	switch {
	case len(strings.Fields(text)) == 0:
		return fleet.Invalid(field, "is required: say what happened, for whoever reads this a year from now")
	case len(text) > reasonMost:
		return fleet.Invalid(field, "is too long: 2000 bytes at most")
	}
	return nil
}

// move changes an alert's state and records it. It takes the same turn as batches, so that no event falls between.
func (s *Service) move(ctx context.Context, id string, fn func(*store.Tx, *Alert, fleet.Party, time.Time) (fleet.Event, error)) (al *Alert, err error) {
	by := access.PartyOf(ctx)
	if by.Name == "" {
		by.Name = by.ID
	}
	err = s.DB.Change(ctx, func(tx *store.Tx) error {
		if err := takeTurn(tx); err != nil {
			return err
		}
		if al, err = readAlert(tx, id); err != nil {
			return err
		}
		ev, err := fn(tx, al, by, s.Clock.Now())
		if err != nil {
			return err
		}
		if err := updateAlert(tx, al); err != nil {
			return err
		}
		return s.Audit.Record(tx, ev)
	})
	if err != nil {
		return nil, err
	}
	s.tell(al)
	return al, nil
}
