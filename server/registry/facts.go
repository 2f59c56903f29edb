package registry

import (
	"context"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/store"
)

// DeviceFacts is all that the registry knows of one device, for checks.
type DeviceFacts struct {
	Device      fleet.Device
	Type        *fleet.DeviceType // nil where the device was admitted without a type; shared, do not change it
	Since       time.Time         // when it came into its state
	Inventory   *protocol.Inventory
	InventoryAt time.Time
	Reported    map[string]any
	ReportedAt  time.Time // zero: it never reported
	DesiredAt   time.Time // zero: nothing is desired
	Drift       []Drift
}

// Facts reads one device by id or name.
func (s *Service) Facts(ctx context.Context, ref string) (DeviceFacts, error) {
	d, err := s.Device(ctx, ref)
	if err != nil {
		return DeviceFacts{}, err
	}
	page, err := s.readFacts(ctx, "d.id = ?", d.ID, 1)
	if err == nil && len(page) == 0 {
		err = fleet.Errorf(fleet.CodeNotFound, "there is no device %q", clip(ref))
	}
	if err != nil {
		return DeviceFacts{}, err
	}
	return s.facts(page[0]), nil
}

const eachPage = 500

// Each calls fn with every device, retired ones too, in order of id. It reads page by page and holds no transaction open,
// so a device that changes meanwhile is seen as it was or as it is. It stops at the first error.
func (s *Service) Each(ctx context.Context, fn func(DeviceFacts) error) error {
	after := ""
	for {
		page, err := s.readFacts(ctx, "d.id > ?", after, eachPage)
		if err != nil {
			return err
		}
		for _, f := range page {
			if err := fn(s.facts(f)); err != nil {
				return err
			}
		}
		if len(page) < eachPage {
			return nil
		}
		after = page[len(page)-1].device.ID
	}
}

type storedFacts struct {
	device fleet.Device
	since  int64
	twin   storedTwin
}

func (s *Service) facts(f storedFacts) DeviceFacts {
	return DeviceFacts{
		Device: f.device, Type: s.typeOf(f.device), Since: store.FromTime(f.since), Inventory: f.twin.inventory, InventoryAt: f.twin.inventoryAt,
		Reported: f.twin.reported, ReportedAt: f.twin.reportedAt, DesiredAt: f.twin.desiredAt, Drift: drift(f.twin.desired, f.twin.reported),
	}
}

// Listening calls fn with every device that should be heard from (active or quarantined), its type (nil without one) and
// since when it is in its state.
func (s *Service) Listening(ctx context.Context, fn func(d fleet.Device, typ *fleet.DeviceType, since time.Time) error) error {
	for _, state := range []fleet.State{fleet.Active, fleet.Quarantined} {
		if err := s.In(ctx, state, fn); err != nil {
			return err
		}
	}
	return nil
}

// In calls fn with every device that is in a state, its type (nil without one) and since when, in order of name. Like Each it
// reads page by page.
func (s *Service) In(ctx context.Context, state fleet.State, fn func(d fleet.Device, typ *fleet.DeviceType, since time.Time) error) error {
	for after := ""; ; {
		page, err := s.readState(ctx, state, after, eachPage)
		if err != nil {
			return err
		}
		for _, f := range page {
			if err := fn(f.device, s.typeOf(f.device), store.FromTime(f.since)); err != nil {
				return err
			}
		}
		if len(page) < eachPage {
			return nil
		}
		after = page[len(page)-1].device.Name
	}
}

// ByID finds devices by their ids in one query. One that does not exist is not in the answer.
func (s *Service) ByID(ctx context.Context, ids []string) (map[string]fleet.Device, error) {
	devices, err := s.readByID(ctx, ids)
	out := make(map[string]fleet.Device, len(devices))
	for _, d := range devices {
		out[d.ID] = d
	}
	return out, err
}
