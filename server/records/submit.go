package records

import (
	"context"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

// Step is what is asked of a record besides its id.
type Step struct {
	Reason string `json:"reason,omitempty" doc:"Why; required to reject and to withdraw."`
	DryRun bool   `json:"dryRun,omitempty" doc:"Say what would happen, change nothing."`
}

// Submit hands a draft over for approval. Everything that would keep it from counting is refused here, with its path and what
// to do about it; its digest is fixed from now on.
func (s *Service) Submit(ctx context.Context, record string, in Step) (Record, error) {
	r, k, err := s.find(ctx, record)
	if err == nil {
		err = s.submit(ctx, &r, k, in)
	}
	return r.Record, s.refused(ctx, r.Kind, "submit", record, err)
}

func (s *Service) submit(ctx context.Context, r *stored, k Kind, in Step) error {
	if err := r.open("submitted"); err != nil {
		return err
	}
	if err := line("reason", in.Reason, textMost); err != nil {
		return err
	}
	sc, err := s.sceneOf(ctx, *r, k)
	if err != nil {
		return err
	}
	evidence, faults, err := s.reread(ctx, r, k)
	if err != nil {
		return err
	}
	if err := refusal("the record is not complete: nothing was submitted", faults); err != nil {
		return err
	}
	r.Evidence = evidence
	return s.change(ctx, in.DryRun, func(tx *store.Tx) error { return s.submitChecked(ctx, tx, r, k, sc) })
}

// submitChecked fixes what the record says, if nothing keeps it from counting. r is written only if nobody changed it since it
// was read.
func (s *Service) submitChecked(ctx context.Context, tx *store.Tx, r *stored, k Kind, sc *scene) error {
	next := *r
	if err := next.remeasure(k); err != nil {
		return err
	}
	if err := refusal("the record is not complete: nothing was submitted", sc.faults(next)); err != nil {
		return err
	}
	next.toDraft(caller(ctx), s.Clock.Now())
	next.State, next.Author, next.Reason = Submitted, caller(ctx), ""
	_, next.Performed = k.performed(next.Body)
	next.Digest = digestOf(next.Record, next.text)
	if err := updateRecord(tx, &next); err != nil {
		return err
	}
	if err := updateFacts(tx, next.Evidence); err != nil {
		return err
	}
	if err := s.step(ctx, tx, &next, "record.submitted", map[string]any{"digest": next.Digest, "object": next.Object.ID}); err != nil {
		return err
	}
	*r = next
	return nil
}

// Reject sends a submitted record back with a reason. Whoever wrote it cannot reject it either: withdrawing is for them.
func (s *Service) Reject(ctx context.Context, record string, in Step) (Record, error) {
	r, _, err := s.find(ctx, record)
	if err == nil {
		err = s.reject(ctx, &r, in)
	}
	return r.Record, s.refused(ctx, r.Kind, "reject", record, err)
}

func (s *Service) reject(ctx context.Context, r *stored, in Step) error {
	if err := need("reason", in.Reason, "say what has to be better, for the author", textMost); err != nil {
		return err
	}
	if r.State != Submitted {
		return fleet.Errorf(fleet.CodeConflict, "version %d is %s: only a submitted one can be rejected", r.Version, r.State)
	}
	if err := r.notOwn(caller(ctx), "reject", "withdraw it instead"); err != nil {
		return err
	}
	return s.change(ctx, in.DryRun, func(tx *store.Tx) error {
		next := *r
		next.State, next.Reason, next.Changed = Rejected, in.Reason, s.Clock.Now()
		if err := updateRecord(tx, &next); err != nil {
			return err
		}
		if err := s.step(ctx, tx, &next, "record.rejected", map[string]any{"reason": in.Reason, "object": next.Object.ID}); err != nil {
			return err
		}
		*r = next
		return nil
	})
}

// Withdraw ends a record that should not count, or a draft that nobody will finish. It stays readable.
func (s *Service) Withdraw(ctx context.Context, record string, in Step) (Record, error) {
	r, err := findRecord(s.reader(ctx), record)
	if err == nil {
		err = s.withdraw(ctx, &r, in)
	}
	return r.Record, s.refused(ctx, r.Kind, "withdraw", record, err)
}

func (s *Service) withdraw(ctx context.Context, r *stored, in Step) error {
	if err := need("reason", in.Reason, "say why it shall not count, for those who look for it later", textMost); err != nil {
		return err
	}
	if r.State == Superseded || r.State == Withdrawn {
		return fleet.Errorf(fleet.CodeConflict, "version %d is %s already: it does not count", r.Version, r.State)
	}
	return s.change(ctx, in.DryRun, func(tx *store.Tx) error {
		next := *r
		next.State, next.Reason, next.Changed = Withdrawn, in.Reason, s.Clock.Now()
		if err := updateRecord(tx, &next); err != nil {
			return err
		}
		if err := s.step(ctx, tx, &next, "record.withdrawn", map[string]any{"reason": in.Reason, "object": next.Object.ID}); err != nil {
			return err
		}
		*r = next
		return nil
	})
}
