package broker_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/broker"
	"github.com/thingward/thingward/server/broker/packet"
)

// TestIngest: a reader inside the server gets QoS 1 at least once and in order, after a failure and across restarts.
func TestIngest(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	var mu sync.Mutex
	var got []fleet.Message
	fail := true
	reader := func() (stop func()) {
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = w.b.Ingest(ctx, "test", func(_ context.Context, ms []fleet.Message) error {
				mu.Lock()
				defer mu.Unlock()
				if fail {
					fail = false
					return errors.New("not now")
				}
				got = append(got, ms...)
				return nil
			})
		}()
		return func() { cancel(); <-done }
	}
	stop := reader()
	d1 := w.device(packet.V5, "d1")
	send := func(from, to int) {
		for i := from; i < to; i++ {
			d1.publish(uint16(i+1), temperature, fmt.Sprint(i))
			want[*packet.Ack](d1)
		}
	}
	count := func() int { mu.Lock(); defer mu.Unlock(); return len(got) }
	send(0, 20)
	eventually(t, func() bool { return count() == 20 })
	d1.publish(0, protocol.EventTopic("d1"), "loose")
	eventually(t, func() bool { return count() == 21 })
	if err := w.b.Publish(t.Context(), protocol.CommandTopic("d1", "c"), []byte("{}"), false); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool { return count() == 22 })
	stop()
	send(20, 30)
	stop = reader()
	defer stop()
	eventually(t, func() bool { return count() == 32 })
	for i := range 20 {
		if m := got[i]; string(m.Payload) != fmt.Sprint(i) || m.Device != "d1" || m.QoS != 1 || m.Topic != temperature || m.Time.IsZero() {
			t.Fatalf("message %d: %+v", i, m)
		}
	}
	if m := got[20]; m.QoS != 0 || string(m.Payload) != "loose" || m.Device != "d1" {
		t.Errorf("%+v", m)
	}
	if m := got[21]; m.Account != "" || m.Device != "" {
		t.Errorf("%+v", m)
	}
}

func TestServerPublishesToDevicesOnly(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	d1 := w.device(packet.V5, "d1")
	d1.subscribe(protocol.CommandTopic("d1", "+"), protocol.DesiredTopic("d1"))
	if err := w.b.Publish(t.Context(), protocol.CommandTopic("d1", "unlock"), []byte("{}"), false); err != nil {
		t.Fatal(err)
	}
	if p := d1.receive(); p.QoS != 1 || string(p.Topic) != protocol.CommandTopic("d1", "unlock") {
		t.Errorf("%+v", p)
	}
	for _, topic := range []string{temperature, "things/+/command/x", "", "other"} {
		if err := w.b.Publish(t.Context(), topic, nil, false); fleet.CodeOf(err) != fleet.CodeInvalid {
			t.Errorf("%q: %v", topic, err)
		}
	}
	if err := w.b.Publish(t.Context(), protocol.CommandTopic("d1", "x"), make([]byte, 1<<20), false); fleet.CodeOf(err) != fleet.CodeInvalid {
		t.Errorf("a megabyte: %v", err)
	}
}

// TestIngestAtQoS2: a reader inside the server sees each message once, however often it was repeated, and no step of an exchange.
func TestIngestAtQoS2(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	app, d1 := w.account(packet.V5, "app", lasting), w.device(packet.V5, "d1", lasting)
	app.subscribeAt(2, "things/+/telemetry/#")
	for i := range 20 {
		p := exact(1, temperature, fmt.Sprint(i))
		for range 3 {
			d1.send(p)
			d1.wantAck(packet.TypePubrec, 1, packet.Success)
			p.Dup = true
		}
		d1.ack(packet.TypePubrel, 1)
		d1.wantAck(packet.TypePubcomp, 1, packet.Success)
		app.receiveExact()
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var got []string
	_ = w.b.Ingest(ctx, "test", func(_ context.Context, ms []fleet.Message) error {
		if len(ms) == 0 {
			t.Error("a batch of nothing")
		}
		for _, m := range ms {
			if got = append(got, string(m.Payload)); m.QoS != 2 || m.Device != "d1" {
				t.Errorf("%+v", m)
			}
		}
		if len(got) >= 20 {
			cancel()
		}
		return nil
	})
	for i, payload := range got {
		if payload != fmt.Sprint(i) {
			t.Errorf("message %d: %s", i, payload)
		}
	}
}
