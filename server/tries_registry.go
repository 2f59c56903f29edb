package server

import (
	"context"
	"errors"
	"fmt"

	"github.com/thingward/thingward/examples"
	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/probe"
	"github.com/thingward/thingward/server/registry"
	"github.com/thingward/thingward/server/store"
)

func (s *Server) registryTries() map[string]probe.Try {
	return map[string]probe.Try{
		"registry.bad-name":      s.refusedField("a device name with capitals and spaces", "name"),
		"registry.unknown-type":  s.refusedField("a device of a type without a manifest", "type"),
		"registry.taken-id":      probe.Refused("a second device under an identifier in use", s.takenID),
		"registry.stranger":      probe.Shown("a device whose serial nobody announced stands in quarantine", s.stranger),
		"registry.command-limit": s.onBench("a command at its type's limit is taken, and one beyond it is refused", commandLimit),
		"registry.findable":      s.findable,
		"audit.history-by-id":    s.historyByID,
	}
}

// refusedField asks for a device with two faults, so that nothing can come of it, and looks for the fault of one field.
func (s *Server) refusedField(what, field string) probe.Try {
	return probe.Shown(what+" is refused", func(ctx context.Context) (bool, error) {
		_, err := s.registry.Create(ctx, fleet.Device{Name: "Self Test", Type: "self-test-" + id.New()})
		var refused *fleet.Error
		if !errors.As(err, &refused) || refused.Code != fleet.CodeInvalid {
			return false, err
		}
		for _, f := range refused.Fields {
			if f.Path == field {
				return true, nil
			}
		}
		return false, nil
	})
}

// takenID first makes sure that one of the two devices alone is taken.
func (s *Server) takenID(ctx context.Context) error {
	now := s.clock.Now()
	one := fleet.Device{ID: id.New(), Name: "self-test-" + id.New(), State: fleet.Registered, Created: now, Changed: now, Version: 1}
	other := one
	other.Name = "self-test-" + id.New()
	if err := s.registry.Rehearse(ctx, one); err != nil {
		return fmt.Errorf("a device under a free identifier: %w", noCode(err))
	}
	return s.registry.Rehearse(ctx, one, other)
}

// noCode hides the code of an error that is no answer to what was tried.
func noCode(err error) error { return errors.New(err.Error()) }

var errRehearsed = errors.New("rolled back on purpose")

func (s *Server) stranger(ctx context.Context) (quarantined bool, err error) {
	err = s.db.Keep(ctx, func(tx *store.Tx) error {
		e, err := s.registry.Admit(ctx, tx, registry.Admission{Manufacturer: "self-test", Serial: id.New()})
		quarantined = err == nil && e.Device.State == fleet.Quarantined
		return errors.Join(err, errRehearsed)
	})
	if err.Error() == errRehearsed.Error() {
		return quarantined, nil
	}
	return false, err
}

// benchRegistry is a registry with one active device of the example type.
func benchRegistry(ctx context.Context, b *bench) (*registry.Service, *bus.Bus, fleet.Device, error) {
	on, err := b.bus(ctx)
	if err != nil {
		return nil, nil, fleet.Device{}, err
	}
	r, err := registry.New(ctx, registry.Config{DB: b.db, Bus: on, Audit: b.audit, Clock: b.clock, Log: b.log})
	if err != nil {
		return nil, nil, fleet.Device{}, err
	}
	b.later(func() error { r.Close(); return nil })
	manifest, err := examples.Types.ReadFile("types/thermostat.yaml")
	if err != nil {
		return nil, nil, fleet.Device{}, err
	}
	made, err := r.Apply(ctx, manifest, false)
	if err != nil {
		return nil, nil, fleet.Device{}, err
	}
	d, err := r.Create(ctx, fleet.Device{Name: "self-test", Type: made.Type.Name})
	if err == nil {
		err = b.db.Change(ctx, func(tx *store.Tx) error { return r.Enrolled(tx, d.ID, fleet.Server("self-test")) })
	}
	return r, on, d, err
}

// commandLimit sends the thermostat's boost for its most minutes, and for one more.
func commandLimit(ctx context.Context, b *bench) (bool, error) {
	r, _, d, err := benchRegistry(ctx, b)
	if err != nil {
		return false, err
	}
	if _, err := r.Command(ctx, d.ID, "boost", map[string]any{"minutes": 120.0}); err != nil {
		return false, err
	}
	_, err = r.Command(ctx, d.ID, "boost", map[string]any{"minutes": 121.0})
	if err != nil && fleet.CodeOf(err) != fleet.CodeInvalid {
		return false, err
	}
	return err != nil, nil
}

// oldest is the device that was registered first. Every list in that order that holds it begins with it.
func (s *Server) oldest(ctx context.Context, f registry.Filter) (*fleet.Device, error) {
	f.Sort, f.Limit = "created", 1
	page, err := s.registry.List(ctx, f)
	if err != nil || len(page.Items) == 0 {
		return nil, err
	}
	return &page.Items[0].Device, nil
}

func (s *Server) findable(ctx context.Context) (posture.ProbeResult, error) {
	d, err := s.oldest(ctx, registry.Filter{})
	if err != nil {
		return posture.ProbeResult{}, err
	}
	if d == nil {
		return posture.ProbeResult{None: true, Detail: "no device is registered yet"}, nil
	}
	for field, f := range map[string]registry.Filter{
		"name": {Query: d.Name}, "type": {Type: d.Type}, "site": {Site: d.Site}, "system": {System: d.System}, "state": {State: string(d.State)}, "holder": {Query: d.Assignee}, "serial": {Query: d.Serial},
	} {
		found, err := s.oldest(ctx, f)
		if err != nil {
			return posture.ProbeResult{}, fmt.Errorf("by %s: %w", field, err)
		}
		if f != (registry.Filter{}) && (found == nil || found.ID != d.ID) {
			return broke(fmt.Sprintf("device %s is not found by its %s", d.Name, field)), nil
		}
	}
	return held("the device registered first is found by name, type, site, system, state, holder and serial, as far as it has them"), nil
}
