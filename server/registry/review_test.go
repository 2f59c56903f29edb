package registry_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/registry"
	"github.com/thingward/thingward/server/store"
)

// walked lists what EveryDevice hands over.
func (r *rig) walked(since time.Time) (names []string) {
	r.t.Helper()
	err := r.db.Keep(context.Background(), func(tx *store.Tx) error {
		names = nil
		return r.EveryDevice(tx, since, func(batch []fleet.Device) error {
			for _, d := range batch {
				names = append(names, d.Name+"/"+string(d.State))
			}
			return nil
		})
	})
	if err != nil {
		r.t.Fatal(err)
	}
	slices.Sort(names)
	return names
}

func TestEveryDeviceIsWalked(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		many := make([]fleet.Device, 1100)
		for i := range many {
			many[i] = fleet.Device{ID: fmt.Sprintf("0190%08d", i), Name: fmt.Sprintf("d%04d", i), Type: "door-lock", State: fleet.Active, Created: start, Changed: start, Version: 1}
		}
		if err := r.Seed(ctx, many); err != nil {
			t.Fatal(err)
		}
		if got := r.walked(time.Time{}); len(got) != 1100 || len(slices.Compact(got)) != 1100 {
			t.Errorf("%d devices", len(got))
		}
		r.clock.Advance(time.Hour)
		r.create("late")
		gone := r.active("gone")
		if _, err := r.Move(ctx, gone.ID, registry.Retire, registry.Asked{Reason: "sold"}); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(r.walked(r.clock.Now())); got != "[gone/retired late/registered]" {
			t.Error(got)
		}
	})
}

func TestRejectedIsSuspendedAtOnce(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		cuts := make(chan bus.Cut, 4)
		stop, err := bus.Listen(r.bus, bus.TopicCut, func(c bus.Cut) { cuts <- c })
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(stop)
		reject := func(id string) error {
			return r.db.Change(ctx, func(tx *store.Tx) error {
				tx.Audited() // the review's own entry stands for this
				return r.Reject(ctx, tx, id, "rejected by an access review: unused")
			})
		}
		d, idle := r.active("lock"), r.create("idle")
		if err := reject(d.ID); err != nil {
			t.Fatal(err)
		}
		now, err := r.Device(ctx, d.ID)
		if err != nil || now.State != fleet.Suspended || !strings.Contains(now.Reason, "unused") {
			t.Errorf("%+v %v", now, err)
		}
		for c := range cuts {
			if c.SubjectID == d.ID && strings.HasPrefix(c.Reason, "suspended") {
				break
			}
		}
		if err := reject(d.ID); err != nil {
			t.Errorf("again: %v", err)
		}
		if n := len(r.recorded("device.suspended")); n != 1 {
			t.Errorf("%d entries", n)
		}
		if err := reject(idle.ID); fleet.CodeOf(err) != fleet.CodeConflict || !strings.Contains(err.Error(), "retire it") {
			t.Errorf("never enrolled: %v", err)
		}
	})
}
