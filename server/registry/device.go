package registry

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
	"github.com/thingward/thingward/server/store"
)

// Device finds a device by id or name.
func (s *Service) Device(ctx context.Context, ref string) (fleet.Device, error) {
	return findDevice(s.row(ctx), ref)
}

// Find finds a device and its type; the type is nil where the device was admitted without one.
func (s *Service) Find(ctx context.Context, ref string) (fleet.Device, *fleet.DeviceType, error) {
	d, err := s.Device(ctx, ref)
	if err != nil {
		return d, nil, err
	}
	return d, s.typeOf(d), nil
}

var (
	labelPattern  = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9.:=_/-]{0,62}$`)
	serialPattern = regexp.MustCompile(`^[!-~]([ -~]{0,126}[!-~])?$`)
)

const maxLabels = 32

// Create registers a device: its id, name, type, site, system, assignee, serial and labels. It cannot connect before it
// has enrolled.
func (s *Service) Create(ctx context.Context, d fleet.Device) (fleet.Device, error) {
	now := s.Clock.Now()
	d = fleet.Device{
		ID: id.New(), Name: d.Name, Type: d.Type, Site: d.Site, System: d.System, Assignee: d.Assignee, Serial: d.Serial, Labels: d.Labels,
		State: fleet.Registered, Created: now, Changed: now, Version: 1,
	}
	var typeErr error
	if s.known(d.Type) == nil {
		typeErr = fleet.Invalid("type", fmt.Sprintf("there is no device type %q: apply its manifest first (thingward type apply FILE)", clip(d.Type)))
	}
	if err := join(fleet.CheckName("name", d.Name), typeErr, checkFacts(d)); err != nil {
		return d, err
	}
	err := s.DB.Change(ctx, func(tx *store.Tx) error {
		return s.insert(tx, &d, "", access.PartyOf(ctx), map[string]any{"by": "operator"})
	})
	return d, err
}

// insert resolves site and system, writes the device and its audit entry, and announces it after the commit.
func (s *Service) insert(tx *store.Tx, d *fleet.Device, manufacturer string, by fleet.Party, data map[string]any) error {
	if err := settle(tx, d); err != nil {
		return err
	}
	if err := insertDevice(tx, *d, manufacturer); err != nil {
		return taken(err, "device", d.Name)
	}
	data["device"], data["type"], data["name"], data["state"] = d.ID, d.Type, d.Name, string(d.State)
	made := *d
	tx.OnCommit(func() { s.announce(made) })
	return s.Audit.Record(tx, fleet.NewEvent("device.created", s.Clock.Now(), by, party(*d), data))
}

// settle turns references to site and system into their names. A device without a system takes its site's.
func settle(tx *store.Tx, d *fleet.Device) (err error) {
	if d.Site != "" {
		if d.Site, err = findPlace(tx.QueryRow, "registry_site", d.Site); err != nil {
			return err
		}
		if d.System == "" {
			if d.System, err = siteSystem(tx, d.Site); err != nil {
				return err
			}
		}
	}
	if d.System != "" {
		d.System, err = findPlace(tx.QueryRow, "registry_system", d.System)
	}
	return err
}

func checkFacts(d fleet.Device) error {
	errs := []error{plain("assignee", d.Assignee, 120)}
	if d.Serial != "" && !serialPattern.MatchString(d.Serial) {
		errs = append(errs, fleet.Invalid("serial", "want at most 128 printable ASCII characters"))
	}
	if len(d.Labels) > maxLabels {
		errs = append(errs, fleet.Invalid("labels", fmt.Sprintf("has %d labels, at most %d are kept", len(d.Labels), maxLabels)))
	}
	for i, l := range d.Labels {
		if !labelPattern.MatchString(l) {
			errs = append(errs, fleet.Invalid(fmt.Sprintf("labels[%d]", i), "want 1 to 63 letters, digits and . : = _ / - (floor:2)"))
		}
	}
	return join(errs...)
}

// Facts of a device that may be changed. Nil leaves one as it is. Type may only be given to a device that was admitted
// without one.
type Facts struct {
	Site     *string   `json:"site,omitempty" doc:"Id or name of a site; empty takes the device off its site."`
	System   *string   `json:"system,omitempty" doc:"Id or name of a system."`
	Assignee *string   `json:"assignee,omitempty"`
	Labels   *[]string `json:"labels,omitempty"`
	Type     *string   `json:"type,omitempty" doc:"Only for a device that was admitted without a type."`
}

// Change changes facts of a device. ifMatch, if not empty, is the version the caller has seen.
func (s *Service) Change(ctx context.Context, ref, ifMatch string, f Facts) (fleet.Device, error) {
	var after fleet.Device
	err := s.DB.Change(ctx, func(tx *store.Tx) error {
		before, err := findDevice(tx.QueryRow, ref)
		if err != nil {
			return err
		}
		if err := api.CheckMatch(ifMatch, before.Version); err != nil {
			return err
		}
		after = before
		if err := s.alter(tx, &after, f); err != nil {
			return err
		}
		fields := differences(before, after)
		if len(fields) == 0 {
			return errUnchanged
		}
		after.Changed, after.Version = s.Clock.Now(), before.Version+1
		if err := updateDevice(tx, before, after, false); err != nil {
			return err
		}
		tx.OnCommit(func() {
			s.announce(after)
			if before.Site != after.Site { // who sees the old site only learns that it is gone, not where to
				s.live(before.Site, "device", access.DeviceRead, map[string]any{"id": before.ID, "name": before.Name})
			}
		})
		return s.Audit.Record(tx, fleet.NewEvent("device.changed", after.Changed, access.PartyOf(ctx), party(after),
			map[string]any{"device": after.ID, "fields": fields, "site": after.Site, "system": after.System, "assignee": after.Assignee, "labels": after.Labels}))
	})
	if errors.Is(err, errUnchanged) {
		err = nil
	}
	return after, err
}

func (s *Service) alter(tx *store.Tx, d *fleet.Device, f Facts) error {
	if d.State == fleet.Retired {
		return fleet.Errorf(fleet.CodeConflict, "%s is retired: its record no longer changes", d.Name)
	}
	set(&d.Site, f.Site)
	set(&d.System, f.System)
	set(&d.Assignee, f.Assignee)
	if f.Labels != nil {
		d.Labels = slices.Compact(slices.Sorted(slices.Values(*f.Labels)))
	}
	if f.Type != nil && *f.Type != d.Type {
		if d.Type != "" {
			return fleet.Errorf(fleet.CodeConflict, "%s is a %s for good: register a new device for another type", d.Name, d.Type)
		}
		if s.known(*f.Type) == nil {
			return fleet.Invalid("type", fmt.Sprintf("there is no device type %q: apply its manifest first", clip(*f.Type)))
		}
		d.Type = *f.Type
	}
	if err := checkFacts(*d); err != nil {
		return err
	}
	return settle(tx, d)
}

func set(to *string, v *string) {
	if v != nil {
		*to = *v
	}
}

func differences(a, b fleet.Device) (fields []string) {
	for _, f := range []struct {
		name string
		same bool
	}{
		{"type", a.Type == b.Type},
		{"site", a.Site == b.Site},
		{"system", a.System == b.System},
		{"assignee", a.Assignee == b.Assignee},
		{"labels", slices.Equal(a.Labels, b.Labels)},
	} {
		if !f.same {
			fields = append(fields, f.name)
		}
	}
	return fields
}
