package telemetry

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/bus"
)

func (r *rig) checkNow() []string {
	r.t.Helper()
	return kinds(r.events(func() {
		if err := r.check(context.Background(), r.clock.Now()); err != nil {
			r.t.Fatal(err)
		}
	}))
}

func (r *rig) refreshNow() {
	r.t.Helper()
	if err := r.refresh(context.Background()); err != nil {
		r.t.Fatal(err)
	}
}

func TestSilenceIsSaidOnceAndEnds(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		d := r.park.add("s-1", fleet.Active, start)
		r.refreshNow()
		r.handle(message(d, "door", "true", start.Add(time.Minute)))
		r.clock.Set(start.Add(4 * time.Minute))
		if got := r.checkNow(); len(got) != 0 {
			t.Errorf("at the limit: %v", got)
		}
		r.clock.Advance(time.Second)
		if got := r.checkNow(); !slices.Equal(got, []string{"device.silent"}) {
			t.Errorf("past the limit: %v", got)
		}
		if got := r.checkNow(); len(got) != 0 {
			t.Errorf("said again: %v", got)
		}
		again := r.restart()
		again.clock.Advance(time.Hour)
		if got := again.checkNow(); len(got) != 0 {
			t.Errorf("said again after a restart: %v", got)
		}
		if since, ok := again.Silent(d.ID); !ok || !since.Equal(start.Add(4*time.Minute+time.Second)) {
			t.Errorf("silent since %v, %v", since, ok)
		}
		evs := again.events(func() {
			again.handle(message(d, "door", "true", start)) // an old message that comes again is no sign of life
			again.handle(message(d, "door", "true", again.clock.Now()))
		})
		if got := kinds(evs); !slices.Equal(got, []string{"device.heard"}) || evs[0].Data["silentFor"] != 3600.0 {
			t.Errorf("%+v", evs)
		}
	})
}

func TestADeviceNeverHeardCountsFromItsActivation(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		r.park.add("registered", fleet.Registered, start)
		r.park.add("retired", fleet.Retired, start)
		r.park.add("mute", fleet.Active, start.Add(10*time.Minute))
		r.refreshNow()
		r.clock.Set(start.Add(12 * time.Minute))
		if got := r.checkNow(); len(got) != 0 {
			t.Errorf("before its limit: %v", got)
		}
		r.clock.Set(start.Add(14 * time.Minute))
		if got := r.checkNow(); !slices.Equal(got, []string{"device.silent"}) {
			t.Errorf("after its limit: %v", got)
		}
	})
}

func TestNobodyIsSilentWhileTheServerWasAway(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		d := r.park.add("s-1", fleet.Active, start)
		r.refreshNow()
		r.handle(message(d, "door", "true", start))
		r.clock.Advance(24 * time.Hour)
		back := r.restart()
		if got := back.checkNow(); len(got) != 0 {
			t.Errorf("at once: %v", got)
		}
		if at, ok := back.LastSeen(context.Background(), d.ID); !ok || !at.Equal(start) {
			t.Errorf("last seen %v %v", at, ok)
		}
		back.clock.Advance(3*time.Minute + time.Second)
		if got := back.checkNow(); !slices.Equal(got, []string{"device.silent"}) {
			t.Errorf("after the limit: %v", got)
		}
	})
}

func TestQuarantineAndConnectionExcuse(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		d := r.park.add("s-1", fleet.Quarantined, start)
		r.park.connected[d.ID] = true
		r.refreshNow()
		r.clock.Advance(time.Hour)
		if got := r.checkNow(); len(got) != 0 {
			t.Errorf("connected in quarantine: %v", got)
		}
		r.park.connected[d.ID] = false
		if got := r.checkNow(); !slices.Equal(got, []string{"device.silent"}) {
			t.Errorf("gone: %v", got)
		}
	})
}

func TestLifeCycleIsFollowed(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		d := r.park.add("s-1", fleet.Active, start)
		r.refreshNow()
		r.clock.Advance(time.Hour)
		if got := r.checkNow(); len(got) != 1 {
			t.Fatalf("%v", got)
		}
		r.park.move(d, fleet.Suspended, r.clock.Now())
		r.changed(bus.Changed{Kind: "device", ID: d.ID})
		if _, silent := r.Silent(d.ID); silent {
			t.Error("a suspended device counts as silent")
		}
		r.clock.Advance(time.Hour)
		if got := r.checkNow(); len(got) != 0 {
			t.Errorf("suspended: %v", got)
		}
		r.park.move(d, fleet.Active, r.clock.Now())
		r.changed(bus.Changed{Kind: "device", ID: d.ID})
		if got := r.checkNow(); len(got) != 0 {
			t.Errorf("just resumed: %v", got)
		}
		r.clock.Advance(4 * time.Minute)
		if got := r.checkNow(); len(got) != 1 {
			t.Errorf("resumed and mute: %v", got)
		}
	})
}
