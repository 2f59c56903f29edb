package engagement

import (
	"context"
	"slices"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
	"github.com/thingward/thingward/server/store"
)

// writes lets one of the engagement's auditors change it while it is neither signed nor over.
func (s *Service) writes(ctx context.Context, ref string, fn func(*store.Tx, *Engagement) error) error {
	return s.touch(ctx, ref, func(tx *store.Tx, e *Engagement) error {
		by := access.PartyOf(ctx)
		if !slices.ContainsFunc(e.Auditors, func(a Auditor) bool { return a.ID == by.ID }) {
			return fleet.Errorf(fleet.CodeForbidden, "%s is no auditor of this engagement: one of its auditors adds another", by.Name)
		}
		if !s.Clock.Now().Before(e.Ends) {
			return fleet.Errorf(fleet.CodeConflict, "the engagement ended on %s: open another one", e.Ends.Format("2006-01-02"))
		}
		return fn(tx, e)
	})
}

// touch loads an unsigned engagement whole, lets fn change it, and stores its head. What is signed never changes.
func (s *Service) touch(ctx context.Context, ref string, fn func(*store.Tx, *Engagement) error) error {
	return s.DB.Change(ctx, func(tx *store.Tx) error {
		// The row is written first, so that on PostgreSQL two changes of one engagement wait for each other.
		if _, err := tx.Exec("UPDATE engagement_main SET version = version + 1 WHERE id = ? AND signed = 0", ref); err != nil {
			return err
		}
		e, err := load(inTx(tx), ref)
		if err != nil {
			return err
		}
		if e.Signature != nil {
			return fleet.Errorf(fleet.CodeConflict, "the engagement was signed on %s and does not change any more", e.Signature.At.Format("2006-01-02"))
		}
		e.Changed = micro(s.Clock.Now())
		if err := fn(tx, &e); err != nil {
			return err
		}
		return updateEngagement(tx, e)
	})
}

// matches refuses a change of what somebody else changed meanwhile.
func (e *Engagement) matches(match string) error { return api.CheckMatch(match, e.version-1) }

// in refuses a control outside of the scope.
func (e *Engagement) in(control string) error {
	if slices.Contains(e.Controls, control) {
		return nil
	}
	return fleet.Invalid("control", clip(control)+" is not in the engagement's scope")
}
