package server

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/thingward/thingward/examples"
	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/registry"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/telemetry"
)

const ruleAlarm = "MSU-03/device-alarm"

// tamper lets a door lock report over its event topic first that it was unlocked, then that it was opened by force, and looks
// for an alert about the second alone.
func tamper(ctx context.Context, b *ruleBench) (bool, error) {
	r, err := registry.New(ctx, registry.Config{DB: b.db, Bus: b.bus, Audit: b.audit, Clock: b.clock, Log: b.log})
	if err != nil {
		return false, err
	}
	defer r.Close()
	d, err := b.lock(ctx, r)
	if err != nil {
		return false, err
	}
	t, err := telemetry.New(ctx, telemetry.Config{DB: b.db, Bus: b.bus, Fleet: r, Clock: b.clock, Log: b.log})
	if err != nil {
		return false, err
	}
	defer t.Close()
	for _, step := range []struct {
		name   string
		alerts int
	}{{"unlocked", 0}, {"tamper", 1}} {
		ev, err := b.relayed(ctx, t, d, step.name)
		if err != nil {
			return false, err
		}
		if err := b.engine.Handle(ctx, []fleet.Event{ev}); err != nil {
			return false, err
		}
		if ok, err := b.count(ctx, ruleAlarm, step.alerts); err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

// lock is an active door lock of the example type.
func (b *ruleBench) lock(ctx context.Context, r *registry.Service) (fleet.Device, error) {
	manifest, err := examples.Types.ReadFile("types/door-lock.yaml")
	if err != nil {
		return fleet.Device{}, err
	}
	made, err := r.Apply(ctx, manifest, false)
	if err != nil {
		return fleet.Device{}, err
	}
	d, err := r.Create(ctx, fleet.Device{Name: "self-test", Type: made.Type.Name})
	if err == nil {
		err = b.db.Change(ctx, func(tx *store.Tx) error { return r.Enrolled(tx, d.ID, fleet.Server("self-test")) })
	}
	return d, err
}

// relayed hands the intake what a device says of itself, and gives the event that comes of it.
func (b *ruleBench) relayed(ctx context.Context, t *telemetry.Service, d fleet.Device, name string) (fleet.Event, error) {
	came := make(chan fleet.Event, 1)
	stop, err := b.bus.Watch(func(ev fleet.Event) {
		if ev.Type == "device.event" && ev.Initiator.ID == d.ID && ev.Data["name"] == name {
			select {
			case came <- ev:
			default:
			}
		}
	})
	if err != nil {
		return fleet.Event{}, err
	}
	defer stop()
	said, err := json.Marshal(protocol.DeviceEvent{Time: b.clock.Now(), Name: name})
	if err != nil {
		return fleet.Event{}, err
	}
	if err := t.Handle(ctx, []fleet.Message{{Device: d.ID, Topic: protocol.EventTopic(d.ID), Payload: said, QoS: 1, Time: b.clock.Now()}}); err != nil {
		return fleet.Event{}, err
	}
	select {
	case ev := <-came:
		b.clock.Advance(time.Second)
		return ev, nil
	case <-ctx.Done():
		return fleet.Event{}, ctx.Err()
	case <-time.After(flagPatience): // the event goes through the real message store, so the wait is real too
		return fleet.Event{}, fmt.Errorf("the event %s did not arrive", name)
	}
}
