package registry

import (
	"context"
	"fmt"
	"strings"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/store"
)

// Enrolment is a device as the certificate authority sees it. MayEnrol is nil, or says why it gets no certificate.
type Enrolment struct {
	Device   fleet.Device
	Type     *fleet.DeviceType // nil for a device without a type
	MayEnrol error
}

// Lookup finds a device by id or name for the certificate authority.
func (s *Service) Lookup(ctx context.Context, ref string) (Enrolment, error) {
	d, err := s.Device(ctx, ref)
	if err != nil {
		return Enrolment{}, err
	}
	return s.enrolment(d), nil
}

func (s *Service) enrolment(d fleet.Device) Enrolment {
	e := Enrolment{Device: d, Type: s.typeOf(d)}
	switch d.State {
	case fleet.Suspended:
		e.MayEnrol = fleet.Errorf(fleet.CodeForbidden, "%s is suspended: resume it before it enrols", d.Name)
	case fleet.Retired:
		e.MayEnrol = fleet.Errorf(fleet.CodeForbidden, "%s is retired and never enrols again", d.Name)
	case fleet.Registered, fleet.Quarantined, fleet.Active:
	}
	return e
}

// Enrolled notes in the CA's transaction that a device got its certificate: a registered device becomes active, any other
// stays what it is (a quarantined one in quarantine).
func (s *Service) Enrolled(tx *store.Tx, device string, by fleet.Party) error {
	before, err := findDevice(tx.QueryRow, device)
	if err != nil {
		return err
	}
	if e := s.enrolment(before); e.MayEnrol != nil {
		return e.MayEnrol
	}
	if before.State != fleet.Registered {
		return nil
	}
	after := before
	after.State, after.Reason, after.Changed, after.Version = fleet.Active, "", s.Clock.Now(), before.Version+1
	if err := updateDevice(tx, before, after, true); err != nil {
		return err
	}
	tx.OnCommit(func() { s.announce(after) })
	return s.Audit.Record(tx, fleet.NewEvent("device.activated", after.Changed, by, party(after), map[string]any{"device": after.ID, "before": string(before.State)}))
}

// Admission is a device that shows its manufacturer's certificate (IEEE 802.1AR). Known means that its serial number is on
// the manufacturer's list.
type Admission struct {
	Manufacturer, Serial, Type, Site, Name string
	Known                                  bool
}

// Admit finds or makes the device of a manufacturer certificate, in the CA's transaction. A known serial number makes a
// registered device; an unknown one a quarantined device, which someone must look at and release.
func (s *Service) Admit(_ context.Context, tx *store.Tx, a Admission) (Enrolment, error) {
	if a.Manufacturer == "" || a.Serial == "" || !serialPattern.MatchString(a.Serial) {
		return Enrolment{}, fleet.Errorf(fleet.CodeInvalid, "the manufacturer certificate names no usable serial number: want a printable serialNumber (IEEE 802.1AR, 8.6)")
	}
	if d, found, err := findMade(tx, a.Manufacturer, a.Serial); err != nil || found {
		return s.enrolment(d), err
	}
	if a.Type != "" && s.known(a.Type) == nil {
		return Enrolment{}, fleet.Errorf(fleet.CodeConflict, "serial %s is listed as type %q, which is not there: apply the type's manifest first", clip(a.Serial), clip(a.Type))
	}
	now := s.Clock.Now()
	d := fleet.Device{ID: id.New(), Name: a.Name, Type: a.Type, Site: a.Site, Serial: a.Serial, State: fleet.Registered, Created: now, Changed: now, Version: 1}
	if !a.Known {
		d.State, d.Reason = fleet.Quarantined, "its serial number is on no manufacturer's list"
	}
	if err := s.nameAdmitted(tx, &d); err != nil {
		return Enrolment{}, err
	}
	by := fleet.Party{Kind: "device", ID: d.ID, Name: d.Name}
	if err := s.insert(tx, &d, a.Manufacturer, by, map[string]any{"by": "manufacturer certificate", "manufacturer": clip(a.Manufacturer), "serial": d.Serial, "known": a.Known}); err != nil {
		return Enrolment{}, err
	}
	if a.Known {
		return s.enrolment(d), nil
	}
	tx.OnCommit(func() {
		_ = s.Bus.Announce(bus.TopicCut, bus.Cut{SubjectKind: "device", SubjectID: d.ID, Reason: d.Reason})
	})
	return s.enrolment(d), s.Audit.Record(tx, fleet.NewEvent("device.quarantined", now, by, party(d), map[string]any{"device": d.ID, "before": "", "reason": d.Reason, "serial": d.Serial}))
}

// nameAdmitted gives a device a free name: the listed one, or one of its type and the end of its id.
func (s *Service) nameAdmitted(tx *store.Tx, d *fleet.Device) error {
	stem := d.Type
	if stem == "" {
		stem = "unknown"
	}
	stem = strings.TrimRight(fmt.Sprintf("%.50s", stem), "-")
	fallback := stem + "-" + strings.ReplaceAll(d.ID, "-", "")[20:]
	if d.Name == "" || fleet.CheckName("name", d.Name) != nil {
		d.Name = fallback
		return nil
	}
	_, err := findDevice(tx.QueryRow, d.Name)
	if fleet.CodeOf(err) == fleet.CodeNotFound {
		return nil
	}
	if err == nil {
		d.Name = fallback
	}
	return err
}
