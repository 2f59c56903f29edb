package records

import (
	"context"
	"slices"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

// clockSlack is how far the clocks of two nodes may differ before a step is refused because time seems to run backwards.
const clockSlack = 2 * time.Minute

// Approve puts a submitted record into force, from now until its end. It is checked anew: since it was submitted people may
// have left, files may have been altered and time has passed.
func (s *Service) Approve(ctx context.Context, record string, in Step) (Record, error) {
	r, k, err := s.find(ctx, record)
	if err == nil {
		err = s.approve(ctx, &r, k, in)
	}
	return r.Record, s.refused(ctx, r.Kind, "approve", record, err)
}

func (s *Service) approve(ctx context.Context, r *stored, k Kind, in Step) error {
	if err := line("reason", in.Reason, textMost); err != nil {
		return err
	}
	if err := r.approvable(caller(ctx), s.Clock.Now()); err != nil {
		return err
	}
	altered, files, err := s.altered(ctx, *r)
	if err != nil {
		return err
	}
	if altered != "" {
		s.tellAltered(ctx, r, altered, files...)
		return fleet.Errorf(fleet.CodeConflict, "version %d is not what was submitted: %s; withdraw it, find out who altered the database, and begin again", r.Version, altered)
	}
	if err := s.same(ctx, r, k); err != nil {
		return err
	}
	faults, err := s.check(ctx, *r, k)
	if err != nil {
		return err
	}
	if err := refusal("the record cannot be approved as it is: reject it, so that its author can put it right", faults); err != nil {
		return err
	}
	return s.change(ctx, in.DryRun, func(tx *store.Tx) error { return s.approveChecked(ctx, tx, r, k) })
}

// approvable refuses what no look at the form is needed for: the wrong state, one's own work, a clock that went backwards.
func (r *stored) approvable(by string, now time.Time) error {
	if r.State != Submitted {
		return fleet.Errorf(fleet.CodeConflict, "version %d is %s: only a submitted one can be approved", r.Version, r.State)
	}
	if err := r.notOwn(by, "approve", "ask somebody who had no part in it"); err != nil {
		return err
	}
	if now.Add(clockSlack).Before(r.Changed) {
		return fleet.Errorf(fleet.CodeConflict, "version %d was submitted on %s, which is ahead of the server's clock: set the clock right first", r.Version, r.Changed.Format(time.RFC3339))
	}
	return nil
}

// notOwn refuses a decision about one's own work.
func (r *stored) notOwn(by, verb, instead string) error {
	if r.Author == by || slices.Contains(r.Writers, by) {
		return &fleet.Error{
			Code: fleet.CodeForbidden, Message: by + " wrote this version and may not " + verb + " it: " + instead,
			Fields: []fleet.FieldError{{Path: "approver", Message: "is also its author: " + instead}},
		}
	}
	return nil
}

// approveChecked supersedes the version in force, puts this one in its place and opens the items it lists.
func (s *Service) approveChecked(ctx context.Context, tx *store.Tx, r *stored, k Kind) error {
	if err := r.approvable(caller(ctx), s.Clock.Now()); err != nil {
		return err
	}
	next := *r
	now := s.Clock.Now().Truncate(time.Microsecond) // as it is stored
	next.State, next.Approver, next.Effective, next.Changed, next.Reason, next.Altered = Approved, caller(ctx), now, now, "", ""
	next.Expires = k.Ends(next.Body, now)
	if _, err := tx.Exec("UPDATE records_record SET state = 'superseded', changed = ?, etag = etag + 1 WHERE kind = ? AND object = ? AND state = 'approved'", store.Time(now), r.Kind, r.Object.ID); err != nil {
		return err
	}
	if err := updateRecord(tx, &next); err != nil {
		return err
	}
	err := s.step(ctx, tx, &next, "record.approved", map[string]any{
		"object": next.Object.ID, "digest": next.Digest, "author": next.Author, "owner": next.Owner,
		"expires": next.Expires.Format(time.RFC3339Nano), "effective": next.Effective.Format(time.RFC3339Nano), "submission": r.entry,
	})
	if err != nil {
		return err
	}
	if err := s.track(ctx, tx, &next, k); err != nil {
		return err
	}
	*r = next
	return nil
}
