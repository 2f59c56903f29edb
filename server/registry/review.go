package registry

import (
	"context"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/store"
)

const walkBatch = 500 // devices

// EveryDevice hands over, in the transaction of an access review and in batches, every device that changed at since or later, retired
// ones too; with a zero since every device there is, so that nobody can leave one out (GVN-04). fn may use tx.
func (s *Service) EveryDevice(tx *store.Tx, since time.Time, fn func([]fleet.Device) error) error {
	changed, after := int64(-1), ""
	if !since.IsZero() {
		changed = store.Time(since) - 1
	}
	for {
		batch, err := walkDevices(tx, changed, after)
		if err != nil || len(batch) == 0 {
			return err
		}
		if err := fn(batch); err != nil {
			return err
		}
		last := batch[len(batch)-1]
		changed, after = store.Time(last.Changed), last.ID
	}
}

// Reject suspends in tx a device that an access review rejects: its sessions end with the commit, and it cannot connect until somebody
// resumes it. One that is suspended or retired already stays so. CodeConflict for one that never enrolled: there is nothing to suspend yet.
func (s *Service) Reject(ctx context.Context, tx *store.Tx, deviceID, reason string) error {
	if err := checkReason(Suspend, reason); err != nil {
		return err
	}
	before, err := findDevice(tx.QueryRow, deviceID)
	switch {
	case err != nil:
		return err
	case before.State == fleet.Suspended, before.State == fleet.Retired:
		return nil
	case before.State == fleet.Registered:
		return fleet.Errorf(fleet.CodeConflict, "%s never enrolled, so there is nothing to suspend: retire it if it is not needed (thingward device retire %s)", before.Name, before.Name)
	}
	after, err := s.next(before, Suspend, Asked{Reason: reason})
	if err != nil {
		return err
	}
	return s.commitMove(tx, before, after, Suspend, access.PartyOf(ctx))
}
