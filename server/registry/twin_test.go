package registry_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/bus/bustest"
	"github.com/thingward/thingward/server/store/storetest"
)

func reported(d fleet.Device, at time.Time, payload string) fleet.Message {
	return fleet.Message{Device: d.ID, Topic: protocol.ReportedTopic(d.ID), Payload: []byte(payload), QoS: 1, Time: at}
}

func TestReportedTwin(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		d := r.active("lock-1")
		evs := r.events(func() {
			for i, payload := range []string{
				`{"inventory":{"firmware":"2.4.1","software":[{"name":"a","version":"1"},{"name":"b","version":"1"}],"rootServices":[],"openPorts":null},"properties":{"autoLockSeconds":30,"locked":true}}`,
				`{"inventory":{"firmware":"2.4.2","software":[{"name":"b","version":"1"},{"name":"a","version":"1"}],"rootServices":["sshd"],"openPorts":null}}`,
				`{"properties":{"autoLockSeconds":500}}`,
				`{"properties":{"locked":null}}`,
				`{"properties":{"ghost":1}}`,
				`{"properties":{"locked":"yes"}}`,
				`{"properties":{"autoLockSeconds":1.5}}`,
				`{}`,
				`not json`,
				`{"properties":{}} {"properties":{}}`,
				`{"properties":{"autoLockSeconds":` + strings.Repeat("1", 300<<10) + `}}`,
			} {
				m := reported(d, r.clock.Now().Add(time.Duration(i)*time.Second), payload)
				if err := r.Handle(ctx, []fleet.Message{m, m}); err != nil {
					t.Fatalf("%.60s: %v", payload, err)
				}
			}
		})
		twin, err := r.Twin(ctx, "lock-1")
		if err != nil || twin.Reported["autoLockSeconds"] != 500.0 || len(twin.Reported) != 1 || twin.Inventory.Firmware != "2.4.2" || twin.ReportedAt == nil {
			t.Errorf("%+v, %v", twin, err)
		}
		if r.Dropped() != 14 {
			t.Errorf("%d dropped, want 14", r.Dropped())
		}
		var kinds []string
		for _, ev := range evs {
			kinds = append(kinds, ev.Type)
			if ev.Type == "inventory.changed" && fmt.Sprint(ev.Data["fields"]) != "[firmware rootServices]" {
				t.Errorf("fields %v", ev.Data["fields"])
			}
		}
		if !slices.Equal(kinds, []string{"inventory.changed", "message.invalid"}) {
			t.Errorf("events %v: a faulty device floods", kinds)
		}
		old := reported(d, start.Add(-time.Hour), `{"properties":{"autoLockSeconds":5}}`)
		foreign := reported(d, start.Add(time.Hour), `{"properties":{"autoLockSeconds":6}}`)
		foreign.Device = r.active("lock-2").ID
		if err := r.Handle(ctx, []fleet.Message{old, foreign}); err != nil {
			t.Fatal(err)
		}
		if twin, _ := r.Twin(ctx, "lock-1"); twin.Reported["autoLockSeconds"] != 500.0 {
			t.Errorf("an old or foreign report was taken: %+v", twin.Reported)
		}
		inv, at, ok, err := r.Inventory(ctx, d.ID)
		if err != nil || !ok || at.IsZero() || inv.RootServices == nil {
			t.Errorf("%+v %v %v %v", inv, at, ok, err)
		}
		if l, err := r.Detail(ctx, "lock-1"); err != nil || l.Firmware != "2.4.2" || l.CertificateExpires == nil {
			t.Errorf("%+v, %v", l, err)
		}
	})
}

func TestDesiredIsBoundedPublishedAndCompared(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		d := r.active("lock-1")
		_, err := r.Desire(ctx, "lock-1", map[string]any{"locked": true, "autoLockSeconds": 1000.0, "ghost": 1.0}, nil)
		for _, want := range []string{"properties.locked: is read-only", "properties.autoLockSeconds: is above the most allowed, 300", "properties.ghost: type door-lock has no such property"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("no %q in %v", want, err)
			}
		}
		r.others.refuse = fleet.Errorf(fleet.CodeUnavailable, "away")
		twin, err := r.Desire(ctx, "lock-1", map[string]any{"autoLockSeconds": 30.0}, nil)
		if err != nil || twin.DesiredVersion != 1 || len(twin.Drift) != 1 {
			t.Fatalf("%+v, %v", twin, err)
		}
		stale := int64(0)
		if _, err := r.Desire(ctx, "lock-1", map[string]any{"autoLockSeconds": 40.0}, &stale); fleet.CodeOf(err) != fleet.CodeConflict {
			t.Errorf("outdated version: %v", err)
		}
		if again, err := r.Desire(ctx, "lock-1", map[string]any{"autoLockSeconds": 30.0}, nil); err != nil || again.DesiredVersion != 1 {
			t.Errorf("no difference: %+v, %v", again, err)
		}
		if _, err := r.Desire(ctx, "lock-1", map[string]any{"autoLockSeconds": 60.0}, nil); err != nil {
			t.Fatal(err)
		}
		r.others.refuse = nil
		next := newRig(t, r.db, r.bus) // a restart: the outbox is still there
		runUntil(t, next, func() bool { return len(next.others.messages()) > 0 })
		var desired protocol.Desired
		msgs := next.others.messages()
		if err := json.Unmarshal([]byte(msgs[0].payload), &desired); err != nil || len(msgs) != 1 {
			t.Fatalf("%v, %v", msgs, err)
		}
		if !msgs[0].retain || msgs[0].topic != protocol.DesiredTopic(d.ID) || desired.Version != 2 || desired.Properties["autoLockSeconds"] != 60.0 {
			t.Errorf("%+v", msgs[0])
		}
		if err := r.Handle(ctx, []fleet.Message{reported(d, r.clock.Now(), `{"properties":{"autoLockSeconds":60}}`)}); err != nil {
			t.Fatal(err)
		}
		if twin, _ := r.Twin(ctx, d.ID); len(twin.Drift) != 0 {
			t.Errorf("drift %+v", twin.Drift)
		}
		if n := len(r.recorded("twin.desired-changed")); n != 2 {
			t.Errorf("%d changes recorded", n)
		}
	})
}

func runUntil(t *testing.T, r *rig, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	for !done() && ctx.Err() == nil {
		time.Sleep(time.Millisecond)
	}
	if !done() {
		t.Error("did not happen")
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestCommands(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		d := r.active("lock-1")
		r.create("lock-2")
		for _, c := range []struct {
			device, name string
			input        map[string]any
			want         fleet.Code
		}{
			{"lock-1", "unlock", map[string]any{"seconds": 31.0}, fleet.CodeInvalid},
			{"lock-1", "unlock", nil, fleet.CodeInvalid},
			{"lock-1", "unlock", map[string]any{"seconds": 3.0, "silently": true}, fleet.CodeInvalid},
			{"lock-1", "lock", map[string]any{"x": 1.0}, fleet.CodeInvalid},
			{"lock-1", "explode", nil, fleet.CodeNotFound},
			{"lock-2", "lock", nil, fleet.CodeConflict},
			{"lock-3", "lock", nil, fleet.CodeNotFound},
		} {
			if _, err := r.Command(ctx, c.device, c.name, c.input); fleet.CodeOf(err) != c.want {
				t.Errorf("%s %s %v: %v", c.device, c.name, c.input, err)
			}
		}
		q, err := r.Command(ctx, "lock-1", "unlock", map[string]any{"seconds": 3.0})
		if err != nil || !q.Queued {
			t.Fatal(err)
		}
		runUntil(t, r, func() bool { return len(r.others.messages()) == 1 })
		m := r.others.messages()[0]
		var cmd protocol.Command
		if err := json.Unmarshal([]byte(m.payload), &cmd); err != nil || cmd.Request != q.Request || cmd.Input["seconds"] != 3.0 || m.topic != protocol.CommandTopic(d.ID, "unlock") || m.retain {
			t.Errorf("%+v, %v", m, err)
		}
		evs := r.recorded("command.sent")
		if len(evs) != 1 || evs[0].Data["privileged"] != true {
			t.Errorf("%+v", evs)
		}
		if _, err := r.Command(ctx, "lock-1", "lock", nil); err != nil {
			t.Fatal(err)
		}
		r.clock.Advance(time.Hour)
		dropped := r.events(func() {
			if _, err := r.Command(ctx, "lock-1", "identify", nil); err != nil {
				t.Fatal(err)
			}
			runUntil(t, r, func() bool { return len(r.others.messages()) == 2 })
		})
		if len(dropped) != 1 || dropped[0].Type != "messages.dropped" || !strings.Contains(r.others.messages()[1].topic, "identify") {
			t.Errorf("an hour later: %+v", dropped)
		}
	})
}

func FuzzReported(f *testing.F) {
	r := newRig(f, storetest.Open(f), bustest.Open(f))
	if _, err := r.Apply(context.Background(), example(f, "door-lock"), false); err != nil {
		f.Fatal(err)
	}
	d := r.active("lock-1")
	f.Add([]byte(`{"inventory":{"firmware":"1"},"properties":{"locked":true}}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		if err := r.Handle(context.Background(), []fleet.Message{reported(d, start, string(payload))}); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Twin(context.Background(), d.ID); err != nil {
			t.Fatalf("what was stored cannot be read: %v", err)
		}
	})
}
