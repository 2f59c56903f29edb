package records

import (
	"context"
	"errors"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
)

const faultsTold = 20 // of an event; the caller gets all

// refused counts and reports a step that was refused, and gives the error back. What failed for a fault of ours is no
// refusal. Texts of forms are not repeated in the event, only where they were at fault.
func (s *Service) refused(ctx context.Context, kind, step, record string, err error) error {
	var fe *fleet.Error
	if err == nil || !errors.As(err, &fe) || fe.Code == fleet.CodeUnavailable {
		return err
	}
	faults := []string{}
	for _, f := range fe.Fields {
		if len(faults) < faultsTold {
			faults = append(faults, f.Path)
		}
	}
	s.refusals.WithLabelValues(step).Inc()
	on := fleet.Party{Kind: "record", ID: record, Name: clip(kind)}
	if record == "" {
		on.ID = "new"
	}
	ev := fleet.NewEvent("record.refused", s.Clock.Now(), access.PartyOf(ctx), on, map[string]any{"kind": clip(kind), "step": step, "faults": faults, "reason": clip(fe.Message)})
	if perr := s.Events.Publish(ev); perr != nil {
		s.Log.Error("event not published", "type", ev.Type, "error", perr)
	}
	return err
}
