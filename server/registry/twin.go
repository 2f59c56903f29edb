package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/store"
)

// Twin is what a device should be set to, what it says it is, and where the two differ.
type Twin struct {
	Desired        map[string]any      `json:"desired"`
	DesiredVersion int64               `json:"desiredVersion"`
	DesiredAt      *time.Time          `json:"desiredAt,omitempty"`
	Reported       map[string]any      `json:"reported"`
	ReportedAt     *time.Time          `json:"reportedAt,omitempty"`
	Inventory      *protocol.Inventory `json:"inventory,omitempty"`
	InventoryAt    *time.Time          `json:"inventoryAt,omitempty"`
	Drift          []Drift             `json:"drift"`
}

// Drift is a setting that the device does not report as desired. Reported is nil where it does not report it at all.
type Drift struct {
	Property string `json:"property"`
	Desired  any    `json:"desired"`
	Reported any    `json:"reported"`
}

// Twin reads a device's twin.
func (s *Service) Twin(ctx context.Context, ref string) (Twin, error) {
	d, err := s.Device(ctx, ref)
	if err != nil {
		return Twin{}, err
	}
	t, err := readTwin(s.row(ctx), d.ID)
	return t.view(), err
}

// view is a stored twin as it is shown.
func (t storedTwin) view() Twin {
	v := Twin{
		Desired: t.desired, DesiredVersion: t.desiredVersion, DesiredAt: moment(t.desiredAt), Reported: t.reported, ReportedAt: moment(t.reportedAt),
		Inventory: t.inventory, InventoryAt: moment(t.inventoryAt), Drift: drift(t.desired, t.reported),
	}
	if v.Desired == nil {
		v.Desired = map[string]any{}
	}
	if v.Reported == nil {
		v.Reported = map[string]any{}
	}
	return v
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func drift(desired, reported map[string]any) []Drift {
	out := []Drift{}
	for _, name := range slices.Sorted(maps.Keys(desired)) {
		if !reflect.DeepEqual(desired[name], reported[name]) {
			out = append(out, Drift{name, desired[name], reported[name]})
		}
	}
	return out
}

// Inventory is what a device last said of itself, and when.
func (s *Service) Inventory(ctx context.Context, device string) (inv protocol.Inventory, at time.Time, ok bool, err error) {
	t, err := readTwin(s.row(ctx), device)
	if err != nil || t.inventory == nil {
		return inv, time.Time{}, false, err
	}
	return *t.inventory, t.inventoryAt, true, nil
}

// Desire sets what a device should be set to: the whole set of properties, checked against its type. version, if not nil,
// is the desired version the caller has seen. The device gets it as a retained message, at once or when it connects.
func (s *Service) Desire(ctx context.Context, ref string, properties map[string]any, version *int64) (Twin, error) {
	var out Twin
	err := s.DB.Change(ctx, func(tx *store.Tx) error {
		d, err := findDevice(tx.QueryRow, ref)
		if err != nil {
			return err
		}
		if err := s.checkDesired(d, properties); err != nil {
			return err
		}
		t, err := readTwin(tx.QueryRow, d.ID)
		if err != nil {
			return err
		}
		if version != nil && *version != t.desiredVersion {
			return fleet.Errorf(fleet.CodeConflict, "the desired state of %s is at version %d, you changed version %d: read it again and repeat your change", d.Name, t.desiredVersion, *version)
		}
		if t.desiredVersion > 0 && reflect.DeepEqual(t.desired, properties) {
			out = t.view()
			return errUnchanged
		}
		fields := changedKeys(t.desired, properties)
		t.desired, t.desiredVersion, t.desiredAt = properties, t.desiredVersion+1, s.Clock.Now()
		out = t.view()
		return s.commitDesired(ctx, tx, d, t, fields)
	})
	if errors.Is(err, errUnchanged) {
		err = nil
	}
	return out, err
}

func (s *Service) commitDesired(ctx context.Context, tx *store.Tx, d fleet.Device, t storedTwin, fields []string) error {
	if err := writeDesired(tx, d, t, t.desiredVersion-1); err != nil {
		return err
	}
	payload, err := json.Marshal(protocol.Desired{Version: t.desiredVersion, Time: t.desiredAt, Properties: t.desired})
	if err != nil {
		return err
	}
	if err := post(tx, letter{key: "desired/" + d.ID, device: d.ID, topic: protocol.DesiredTopic(d.ID), payload: payload, retain: true, made: t.desiredAt}); err != nil {
		return err
	}
	tx.OnCommit(s.kick)
	tx.OnCommit(func() { s.announce(d) })
	return s.Audit.Record(tx, fleet.NewEvent("twin.desired-changed", t.desiredAt, access.PartyOf(ctx), party(d),
		map[string]any{"device": d.ID, "version": t.desiredVersion, "fields": fields}))
}

// changedKeys lists the properties whose value differs. Values stay out of the log: they may be classified.
func changedKeys(before, after map[string]any) []string {
	out := []string{}
	for name, v := range after {
		if w, ok := before[name]; !ok || !reflect.DeepEqual(v, w) {
			out = append(out, name)
		}
	}
	for name := range before {
		if _, ok := after[name]; !ok {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// checkDesired refuses what the type does not declare, what only the device sets, and what is out of bounds.
func (s *Service) checkDesired(d fleet.Device, properties map[string]any) error {
	k := s.known(d.Type)
	switch {
	case d.State == fleet.Retired:
		return fleet.Errorf(fleet.CodeConflict, "%s is retired: its twin no longer changes", d.Name)
	case k == nil:
		return fleet.Errorf(fleet.CodeConflict, "%s has no device type, which says what may be set: give it one first", d.Name)
	case properties == nil:
		return fleet.Invalid("properties", "is missing: want the whole set of desired properties")
	}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		path := "properties." + clip(name)
		p, ok := k.def.Properties[name]
		switch {
		case !ok:
			errs = append(errs, fleet.Invalid(path, fmt.Sprintf("type %s has no such property: %v", d.Type, settable(k.def))))
		case p.ReadOnly:
			errs = append(errs, fleet.Invalid(path, "is read-only: only the device itself reports it"))
		default:
			errs = append(errs, k.properties[name].Check(path, properties[name]))
		}
	}
	return join(errs...)
}

func settable(t *fleet.DeviceType) string {
	var names []string
	for name, p := range t.Properties {
		if !p.ReadOnly {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "nothing can be set on it"
	}
	slices.Sort(names)
	return fmt.Sprintf("what can be set is %v", names)
}
