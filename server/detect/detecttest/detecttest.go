// Package detecttest runs the detection engine over a real database and bus, with a clock that the test moves.
package detecttest

import (
	"context"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/kit/sealed"
	"github.com/thingward/thingward/server/audit/audittest"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/bus/bustest"
	"github.com/thingward/thingward/server/detect"
	"github.com/thingward/thingward/server/store"
)

// Start is where the clock stands at first.
var Start = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// Bench is an engine under test.
type Bench struct {
	testing.TB
	*detect.Service
	DB     *store.DB
	Bus    *bus.Bus
	Clock  *clock.Fake
	config detect.Config
}

// Open gives an engine with rules; each set may change its configuration.
func Open(t testing.TB, db *store.DB, rules []detect.Rule, set ...func(*detect.Config)) *Bench {
	t.Helper()
	b := &Bench{TB: t, DB: db, Bus: bustest.Open(t), Clock: clock.NewFake(Start)}
	b.config = detect.Config{
		DB: db, Bus: b.Bus, Audit: audittest.Open(t, db, b.Bus, b.Clock), Clock: b.Clock, Log: slog.New(slog.DiscardHandler),
		Key: sealed.NewKey(), Rules: rules,
	}
	for _, f := range set {
		f(&b.config)
	}
	b.Restart()
	return b
}

// Restart ends the engine without a word and opens another one over the same database.
func (b *Bench) Restart() {
	b.Helper()
	if b.Service != nil {
		b.Close()
	}
	s, err := detect.New(context.Background(), b.config)
	if err != nil {
		b.Fatal(err)
	}
	b.Service = s
	b.Cleanup(s.Close)
}

// Feed hands events to the engine as the event stream would, in one batch.
func (b *Bench) Feed(evs ...fleet.Event) {
	b.Helper()
	if err := b.Handle(context.Background(), Carried(b, evs...)); err != nil {
		b.Fatal(err)
	}
}

// Carried is what the event stream makes of events: they pass through JSON, and must be in the catalogue.
func Carried(t testing.TB, evs ...fleet.Event) (out []fleet.Event) {
	t.Helper()
	for _, ev := range evs {
		if err := ev.Check(); err != nil {
			t.Fatal(err)
		}
		body, err := json.Marshal(ev)
		if err != nil {
			t.Fatal(err)
		}
		var carried fleet.Event
		if err := json.Unmarshal(body, &carried); err != nil {
			t.Fatal(err)
		}
		out = append(out, carried)
	}
	return out
}

// Event makes an event that happens now.
func (b *Bench) Event(typ string, initiator, receiver fleet.Party, data map[string]any) fleet.Event {
	return fleet.NewEvent(typ, b.Clock.Now(), initiator, receiver, data)
}

// Raised lists the alerts that are not closed, oldest first.
func (b *Bench) Raised() []*detect.Alert {
	b.Helper()
	return b.list(detect.AlertFilter{States: []string{"open", "acknowledged"}, Limit: 10000})
}

// All lists every alert, oldest first.
func (b *Bench) All() []*detect.Alert {
	b.Helper()
	return b.list(detect.AlertFilter{Limit: 10000})
}

func (b *Bench) list(f detect.AlertFilter) (oldest []*detect.Alert) {
	b.Helper()
	all, _, err := b.Alerts(context.Background(), f)
	if err != nil {
		b.Fatal(err)
	}
	for i := len(all) - 1; i >= 0; i-- {
		oldest = append(oldest, all[i])
	}
	return oldest
}

// Recorded counts the audit entries of a type that wait for their place.
func (b *Bench) Recorded(typ string) (n int) {
	b.Helper()
	for _, ev := range audittest.Recorded(b, b.DB) {
		if ev.Type == typ {
			n++
		}
	}
	return n
}

// Want fails the test unless n alerts are open.
func (b *Bench) Want(n int, when string) []*detect.Alert {
	b.Helper()
	all := b.Raised()
	if len(all) != n {
		b.Fatalf("%s: %d alerts, want %d", when, len(all), n)
	}
	return all
}
