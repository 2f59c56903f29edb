package telemetry

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/bus/bustest"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

var start = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// park is a Fleet and the broker's Connections for tests.
type park struct {
	mu        sync.Mutex
	devices   map[string]fleet.Device
	since     map[string]time.Time
	types     map[string]*fleet.DeviceType
	connected map[string]bool
}

func newPark() *park {
	two := &fleet.DeviceType{
		Name: "sensor",
		Properties: map[string]fleet.Property{
			"temperature": {Type: "number", Unit: "celsius", Stream: "air", Traffic: "telemetry"},
			"people":      {Type: "integer", Stream: "air", Traffic: "telemetry"},
			"open":        {Type: "boolean", Stream: "door", Traffic: "telemetry"},
			"mode":        {Type: "string", Stream: "mode", Traffic: "telemetry"},
			"picture":     {Type: "string", Stream: "picture", Traffic: "bulk"},
		},
		Streams: map[string]fleet.Stream{
			"air": {Properties: []string{"temperature", "people"}, Traffic: "telemetry"}, "door": {Properties: []string{"open"}, Traffic: "telemetry"},
			"mode": {Properties: []string{"mode"}, Traffic: "telemetry"}, "picture": {Properties: []string{"picture"}, Traffic: "bulk"}, protocol.StreamHealth: {},
		},
		Baseline: fleet.Baseline{Heartbeat: time.Minute},
	}
	return &park{devices: map[string]fleet.Device{}, since: map[string]time.Time{}, types: map[string]*fleet.DeviceType{"sensor": two}, connected: map[string]bool{}}
}

func (p *park) add(name string, state fleet.State, since time.Time) fleet.Device {
	p.mu.Lock()
	defer p.mu.Unlock()
	d := fleet.Device{ID: id.New(), Name: name, Type: "sensor", State: state, Changed: since}
	p.devices[d.ID], p.since[d.ID] = d, since
	return d
}

func (p *park) move(d fleet.Device, state fleet.State, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	d.State, d.Changed = state, at
	p.devices[d.ID], p.since[d.ID] = d, at
}

func (p *park) Find(_ context.Context, ref string) (fleet.Device, *fleet.DeviceType, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, d := range p.devices {
		if d.ID == ref || d.Name == ref {
			return d, p.types[d.Type], nil
		}
	}
	return fleet.Device{}, nil, fleet.Errorf(fleet.CodeNotFound, "there is no device %q", ref)
}

func (p *park) Type(_ context.Context, name string) (*fleet.DeviceType, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t := p.types[name]; t != nil {
		return t, nil
	}
	return nil, fleet.Errorf(fleet.CodeNotFound, "no type")
}

func (p *park) Listening(_ context.Context, fn func(fleet.Device, *fleet.DeviceType, time.Time) error) error {
	p.mu.Lock()
	devices := make([]fleet.Device, 0, len(p.devices))
	for _, d := range p.devices {
		if d.State.MayConnect() {
			devices = append(devices, d)
		}
	}
	p.mu.Unlock()
	for _, d := range devices {
		if err := fn(d, p.types[d.Type], p.since[d.ID]); err != nil {
			return err
		}
	}
	return nil
}

func (p *park) Connected(_, id string) (time.Time, string, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return start, "192.0.2.1", p.connected[id]
}

// rig is a Service on a real database and bus.
type rig struct {
	*Service
	t     testing.TB
	park  *park
	clock *clock.Fake
}

func newRig(t testing.TB, db *store.DB, b *bus.Bus, p *park, c *clock.Fake) *rig {
	t.Helper()
	s, err := New(context.Background(), Config{DB: db, Bus: b, Fleet: p, Connections: p, Clock: c, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return &rig{s, t, p, c}
}

func engines(t *testing.T, fn func(t *testing.T, r *rig)) {
	t.Helper()
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		fn(t, newRig(t, db, bustest.Open(t), newPark(), clock.NewFake(start)))
	})
}

// restart is another process on the same data.
func (r *rig) restart() *rig {
	r.t.Helper()
	if err := r.persist(context.Background()); err != nil {
		r.t.Fatal(err)
	}
	return newRig(r.t, r.DB, r.Bus, r.park, r.clock)
}

func (r *rig) handle(msgs ...fleet.Message) {
	r.t.Helper()
	if err := r.Handle(context.Background(), msgs); err != nil {
		r.t.Fatal(err)
	}
}

func message(d fleet.Device, stream, payload string, at time.Time) fleet.Message {
	return fleet.Message{Device: d.ID, Topic: protocol.TelemetryTopic(d.ID, stream), Payload: []byte(payload), QoS: 1, Time: at}
}

// events lists what is published while fn runs.
func (r *rig) events(fn func()) (out []fleet.Event) {
	r.t.Helper()
	var mu sync.Mutex
	stop, err := r.Bus.Watch(func(ev fleet.Event) {
		mu.Lock()
		defer mu.Unlock()
		out = append(out, ev)
	})
	if err != nil {
		r.t.Fatal(err)
	}
	defer stop()
	if err := r.Bus.Conn().Flush(); err != nil {
		r.t.Fatal(err)
	}
	fn()
	mark := fleet.NewEvent("server.started", start, fleet.Server("test"), fleet.Server("test"), map[string]any{"version": "mark"})
	if err := r.Bus.Publish(mark); err != nil {
		r.t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		mu.Lock()
		if n := len(out); n > 0 && out[n-1].ID == mark.ID {
			mu.Unlock()
			return out[:n-1]
		}
		mu.Unlock()
	}
	r.t.Fatal("events did not arrive")
	return nil
}

func kinds(evs []fleet.Event) (out []string) {
	for _, ev := range evs {
		out = append(out, ev.Type)
	}
	return out
}

func (r *rig) series(d fleet.Device, points int) map[string]Series {
	r.t.Helper()
	list, err := r.Read(context.Background(), r.park.types["sensor"], Query{Device: d.ID, From: start.Add(-30 * 24 * time.Hour), To: start.Add(30 * 24 * time.Hour), Points: points})
	if err != nil {
		r.t.Fatal(err)
	}
	out := map[string]Series{}
	for _, s := range list {
		out[s.Property] = s
	}
	return out
}
