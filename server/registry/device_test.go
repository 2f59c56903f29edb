package registry_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/registry"
	"github.com/thingward/thingward/server/store"
)

func TestVersionRule(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		raw := string(example(t, "door-lock"))
		again, err := r.Apply(ctx, []byte("# a comment\n"+raw), false)
		if err != nil || again.Changed || again.Created {
			t.Errorf("same manifest: %+v, %v", again, err)
		}
		other := strings.Replace(raw, "heartbeat: 60s", "heartbeat: 30s", 1)
		if _, err := r.Apply(ctx, []byte(other), false); fleet.CodeOf(err) != fleet.CodeConflict || !strings.Contains(err.Error(), "raise version.model above 2.2.0") {
			t.Errorf("changed without a new version: %v", err)
		}
		newer := strings.Replace(other, "model: 2.2.0", "model: 2.3.0", 1)
		if dry, err := r.Apply(ctx, []byte(newer), true); err != nil || !dry.Changed {
			t.Errorf("dry run: %+v, %v", dry, err)
		}
		if typ, _ := r.Type(ctx, "door-lock"); typ.Version != "2.2.0" {
			t.Errorf("a dry run changed the type to %s", typ.Version)
		}
		if got, err := r.Apply(ctx, []byte(newer), false); err != nil || !got.Changed || got.Created {
			t.Errorf("newer: %+v, %v", got, err)
		}
		if typ, _ := r.Type(ctx, "door-lock"); typ.Version != "2.3.0" || typ.Baseline.Heartbeat != 30*time.Second {
			t.Errorf("after applying: %+v", typ)
		}
		if _, err := r.Apply(ctx, []byte(raw), false); fleet.CodeOf(err) != fleet.CodeConflict {
			t.Errorf("older version: %v", err)
		}
		if n := len(r.recorded("type.applied")); n != 3 {
			t.Errorf("%d audit entries, want one for each change", n)
		}
		again2 := newRig(t, r.db, r.bus)
		if typ, err := again2.Type(ctx, "door-lock"); err != nil || typ.Version != "2.3.0" || len(typ.Commands["unlock"].Input) == 0 {
			t.Errorf("after a restart: %+v, %v", typ, err)
		}
	})
}

func TestCreateRefusesAllFaultsAtOnce(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		_, err := r.Create(context.Background(), fleet.Device{Type: "toaster", Name: "Lock 1", Serial: "\x01", Labels: []string{"a b"}})
		if fleet.CodeOf(err) != fleet.CodeInvalid {
			t.Fatal(err)
		}
		for _, want := range []string{"type:", "name:", "serial:", "labels[0]:"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("no %s in %v", want, err)
			}
		}
		r.create("lock-1")
		if _, err := r.Create(context.Background(), fleet.Device{Type: "door-lock", Name: "lock-1"}); fleet.CodeOf(err) != fleet.CodeConflict {
			t.Errorf("second lock-1: %v", err)
		}
		if _, err := r.Create(context.Background(), fleet.Device{Type: "door-lock", Name: "lock-2", Site: "nowhere"}); fleet.CodeOf(err) != fleet.CodeInvalid {
			t.Errorf("unknown site: %v", err)
		}
		if n := len(r.recorded("device.created")); n != 1 {
			t.Errorf("%d devices recorded", n)
		}
	})
}

func TestLifeCycle(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		ctx := access.With(context.Background(), access.Principal{Kind: access.Person, ID: "p", Name: "pia"})
		d := r.active("lock-1")
		cuts := make(chan bus.Cut, 16)
		stop, err := bus.Listen(r.bus, bus.TopicCut, func(c bus.Cut) { cuts <- c })
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
		r.others.connected[d.ID] = "192.0.2.7"
		if _, err := r.Move(ctx, d.ID, registry.Quarantine, registry.Asked{}); fleet.CodeOf(err) != fleet.CodeInvalid {
			t.Errorf("quarantine without a reason: %v", err)
		}
		dry, err := r.Move(ctx, d.ID, registry.Quarantine, registry.Asked{Reason: "odd", DryRun: true})
		if err != nil || !dry.DryRun || !strings.Contains(fmt.Sprint(dry.Effects), "192.0.2.7") {
			t.Errorf("dry run: %+v, %v", dry, err)
		}
		for _, step := range []struct {
			move registry.Move
			want fleet.State
		}{{registry.Quarantine, fleet.Quarantined}, {registry.Release, fleet.Active}, {registry.Suspend, fleet.Suspended}, {registry.Resume, fleet.Active}, {registry.Retire, fleet.Retired}} {
			out, err := r.Move(ctx, "lock-1", step.move, registry.Asked{Reason: "test"})
			if err != nil || out.Device.State != step.want {
				t.Fatalf("%s: %+v, %v", step.move, out, err)
			}
			if c := <-cuts; c.SubjectID != d.ID || c.SubjectKind != "device" {
				t.Errorf("%s cut %+v", step.move, c)
			}
			evs := r.recorded("device." + map[registry.Move]string{registry.Quarantine: "quarantined", registry.Release: "released", registry.Suspend: "suspended", registry.Resume: "resumed", registry.Retire: "retired"}[step.move])
			if len(evs) != 1 || evs[0].Initiator.Name != "pia" || evs[0].Receiver.ID != d.ID {
				t.Errorf("%s recorded %+v", step.move, evs)
			}
		}
		if !slices.Equal(r.others.revoked, []string{d.ID}) {
			t.Errorf("revoked %v", r.others.revoked)
		}
		if _, err := r.Move(ctx, d.ID, registry.Resume, registry.Asked{}); fleet.CodeOf(err) != fleet.CodeConflict {
			t.Errorf("a retired device resumed: %v", err)
		}
		if e, err := r.Lookup(ctx, "lock-1"); err != nil || e.MayEnrol == nil {
			t.Errorf("a retired device may enrol: %v", err)
		}
	})
}

func TestRetireFailsWhole(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		d := r.active("lock-1")
		r.others.refuse = fleet.Errorf(fleet.CodeUnavailable, "the CA's key is locked")
		if _, err := r.Move(context.Background(), d.ID, registry.Retire, registry.Asked{Reason: "sold"}); err == nil {
			t.Error("retired without revoking")
		}
		if d, _ := r.Device(context.Background(), d.ID); d.State != fleet.Active {
			t.Errorf("left %s", d.State)
		}
	})
}

func TestChangeNeedsThePresentVersion(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		d := r.create("lock-1")
		if _, err := r.CreateSystem(ctx, fleet.System{Name: "access-control", Owner: "Facilities"}); err != nil {
			t.Fatal(err)
		}
		lat := 48.1
		site, err := r.CreateSite(ctx, fleet.Site{Name: "munich", System: "access-control", Latitude: &lat})
		if err != nil {
			t.Fatal(err)
		}
		labels := []string{"floor:2", "door"}
		got, err := r.Change(ctx, "lock-1", api.ETag(d.Version), registry.Facts{Site: &site.ID, Labels: &labels})
		if err != nil || got.Site != "munich" || got.System != "access-control" || got.Version != 2 {
			t.Errorf("%+v, %v", got, err)
		}
		if _, err := r.Change(ctx, "lock-1", api.ETag(d.Version), registry.Facts{Site: &site.ID}); err == nil {
			t.Error("an outdated version was accepted")
		}
		if same, err := r.Change(ctx, "lock-1", "", registry.Facts{Site: &site.Name}); err != nil || same.Version != 2 {
			t.Errorf("no difference: %+v, %v", same, err)
		}
		other := "thermostat"
		if _, err := r.Change(ctx, "lock-1", "", registry.Facts{Type: &other}); fleet.CodeOf(err) != fleet.CodeConflict {
			t.Errorf("another type: %v", err)
		}
		if n := len(r.recorded("device.changed")); n != 1 {
			t.Errorf("%d changes recorded", n)
		}
	})
}

func TestAdmit(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		admit := func(a registry.Admission) (e registry.Enrolment, err error) {
			err = r.db.Change(ctx, func(tx *store.Tx) error {
				if e, err = r.Admit(ctx, tx, a); err == nil {
					tx.Audited()
				}
				return err
			})
			return e, err
		}
		known := registry.Admission{Manufacturer: "acme", Serial: "SN-1", Type: "door-lock", Name: "lock-1", Known: true}
		e, err := admit(known)
		if err != nil || e.Device.State != fleet.Registered || e.Device.Name != "lock-1" || e.Type == nil {
			t.Fatalf("known: %+v, %v", e, err)
		}
		if twice, err := admit(known); err != nil || twice.Device.ID != e.Device.ID {
			t.Errorf("the same serial number made another device: %+v, %v", twice, err)
		}
		named := known
		named.Serial = "SN-2"
		if e, err := admit(named); err != nil || fleet.CheckName("", e.Device.Name) != nil || e.Device.Name == "lock-1" {
			t.Errorf("taken name: %+v, %v", e, err)
		}
		u, err := admit(registry.Admission{Manufacturer: "acme", Serial: "SN-3"})
		if err != nil || u.Device.State != fleet.Quarantined || u.Type != nil {
			t.Fatalf("unknown: %+v, %v", u, err)
		}
		if _, err := r.Move(ctx, u.Device.ID, registry.Release, registry.Asked{}); fleet.CodeOf(err) != fleet.CodeConflict {
			t.Errorf("released without a type: %v", err)
		}
		typ := "door-lock"
		if _, err := r.Change(ctx, u.Device.ID, "", registry.Facts{Type: &typ}); err != nil {
			t.Error(err)
		}
		if _, err := r.Move(ctx, u.Device.ID, registry.Release, registry.Asked{}); err != nil {
			t.Error(err)
		}
		if _, err := admit(registry.Admission{Manufacturer: "acme", Serial: "bad\n"}); fleet.CodeOf(err) != fleet.CodeInvalid {
			t.Errorf("unprintable serial: %v", err)
		}
		if n := len(r.recorded("device.quarantined")); n != 1 {
			t.Errorf("%d quarantines recorded", n)
		}
	})
}
