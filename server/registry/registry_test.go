package registry_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/audit/audittest"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/bus/bustest"
	"github.com/thingward/thingward/server/registry"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

var start = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// rig is a registry on a real database and bus, with a stand-in for each domain it asks.
type rig struct {
	*registry.Service
	t      testing.TB
	db     *store.DB
	clock  *clock.Fake
	bus    *bus.Bus
	others *others
}

// others stands in for broker and certificate authority.
type others struct {
	mu        sync.Mutex
	connected map[string]string
	revoked   []string
	sent      []sent
	refuse    error
}

type sent struct {
	topic   string
	payload string
	retain  bool
}

func (o *others) Connected(_, id string) (time.Time, string, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	a, ok := o.connected[id]
	return start, a, ok
}

func (o *others) RevokeSubject(_ *store.Tx, _, id, _ string, _ fleet.Party) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.revoked = append(o.revoked, id)
	return o.refuse
}

func (o *others) Expires(_ context.Context, _ string, ids []string) (map[string]time.Time, error) {
	out := map[string]time.Time{}
	for _, id := range ids {
		out[id] = start.AddDate(1, 0, 0)
	}
	return out, nil
}

func (o *others) Publish(_ context.Context, topic string, payload []byte, retain bool) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.refuse != nil {
		return o.refuse
	}
	o.sent = append(o.sent, sent{topic, string(payload), retain})
	return nil
}

func (o *others) messages() []sent {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.sent)
}

func newRig(t testing.TB, db *store.DB, b *bus.Bus) *rig {
	t.Helper()
	r := &rig{t: t, db: db, clock: clock.NewFake(start), bus: b, others: &others{connected: map[string]string{}}}
	s, err := registry.New(context.Background(), registry.Config{DB: db, Bus: b, Audit: audittest.Open(t, db, b, r.clock), Clock: r.clock, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	s.Wire(registry.Readers{Connections: r.others, Publisher: r.others, Certificates: r.others})
	r.Service = s
	return r
}

// engines runs fn on every SQL engine with an embedded bus and the example types applied.
func engines(t *testing.T, fn func(t *testing.T, r *rig)) {
	t.Helper()
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db, bustest.Open(t))
		for _, name := range []string{"door-lock", "thermostat"} {
			if _, err := r.Apply(context.Background(), example(t, name), false); err != nil {
				t.Fatal(err)
			}
		}
		fn(t, r)
	})
}

func example(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "examples", "types", name+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func (r *rig) create(name string) fleet.Device {
	r.t.Helper()
	d, err := r.Create(context.Background(), fleet.Device{Type: "door-lock", Name: name})
	if err != nil {
		r.t.Fatal(err)
	}
	return d
}

// active creates a device and enrols it.
func (r *rig) active(name string) fleet.Device {
	r.t.Helper()
	d := r.create(name)
	err := r.db.Keep(context.Background(), func(tx *store.Tx) error { return r.Enrolled(tx, d.ID, fleet.Server("identity")) })
	if err != nil {
		r.t.Fatal(err)
	}
	d, err = r.Device(context.Background(), d.ID)
	if err != nil || d.State != fleet.Active {
		r.t.Fatalf("%+v, %v", d, err)
	}
	return d
}

func (r *rig) recorded(typ string) (out []fleet.Event) {
	r.t.Helper()
	for _, ev := range audittest.Recorded(r.t, r.db) {
		if ev.Type == typ {
			out = append(out, ev)
		}
	}
	return out
}

// events collects what is published while fn runs.
func (r *rig) events(fn func()) []fleet.Event {
	r.t.Helper()
	var mu sync.Mutex
	var got []fleet.Event
	stop, err := r.bus.Watch(func(ev fleet.Event) {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, ev)
	})
	if err != nil {
		r.t.Fatal(err)
	}
	defer stop()
	if err := r.bus.Conn().Flush(); err != nil {
		r.t.Fatal(err)
	}
	fn()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := r.bus.Flush(ctx); err != nil {
		r.t.Fatal(err)
	}
	// The last event is ours, so everything before it has arrived.
	mark := fleet.NewEvent("server.started", r.clock.Now(), fleet.Server("test"), fleet.Server("test"), map[string]any{"version": "mark"})
	if err := r.bus.Publish(mark); err != nil {
		r.t.Fatal(err)
	}
	for ctx.Err() == nil {
		mu.Lock()
		if n := len(got); n > 0 && got[n-1].ID == mark.ID {
			out := got[:n-1]
			mu.Unlock()
			return out
		}
		mu.Unlock()
		time.Sleep(time.Millisecond)
	}
	r.t.Fatal("events did not arrive")
	return nil
}
