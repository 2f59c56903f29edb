package posture

import (
	"context"
	"errors"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/store"
)

// errTried rolls a try back.
var errTried = errors.New("rolled back on purpose")

// TrySelfApproval asks for an exception and lets who asked approve it, on the running service in a transaction that is rolled back.
// It holds when that is refused and another person's approval of the very same is taken.
func (s *Service) TrySelfApproval(ctx context.Context) (held bool, detail string, err error) {
	asker := access.Principal{Kind: access.Person, ID: id.New(), Name: "self-test asker"}
	other := access.Principal{Kind: access.Person, ID: id.New(), Name: "self-test approver"}
	now := s.Clock.Now()
	var own, others error
	err = s.DB.Keep(ctx, func(tx *store.Tx) error {
		e := &Exception{
			ID: id.New(), Control: s.controls[0].def.ID, State: ExceptionRequested, Requester: asker.Name, requesterID: asker.ID, Requested: now,
			Ends: now.Add(time.Hour), Justification: "self-test of approvals", Compensating: "rolled back at once",
		}
		if err := s.request(tx, asker.Party(), e); err != nil {
			return err
		}
		stored, err := readException(tx, e.ID)
		if err != nil {
			return err
		}
		own = s.approve(tx, asker, stored, "self-test")
		if stored, err = readException(tx, e.ID); err != nil {
			return err
		}
		others = s.approve(tx, other, stored, "self-test")
		return errTried
	})
	switch {
	case !errors.Is(err, errTried):
		return false, "", err
	case others != nil:
		return false, "", others
	case own == nil:
		return false, "who asked for an exception could approve it", nil
	case fleet.CodeOf(own) != fleet.CodeForbidden:
		return false, "", own
	default:
		return true, "who asked for an exception was refused its approval, and another person was not", nil
	}
}
