package broker_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/server/broker"
	"github.com/thingward/thingward/server/broker/packet"
)

// TestSilenceIsALoss: one and a half keep-alives without a packet end the connection like a broken network: the will goes out.
func TestSilenceIsALoss(t *testing.T) {
	both(t, func(t *testing.T, v packet.Version) {
		fake := newFake()
		w := newWorldAt(t, nil, broker.Limits{}, fake)
		app := w.account(v, "app", func(p *packet.Connect) { p.KeepAlive = 0 })
		app.subscribe("things/+/event")
		d1 := w.device(v, "d1", withWill(1, 0), func(p *packet.Connect) { p.KeepAlive = 10 })
		for range 14 {
			fake.Advance(tick)
		}
		d1.ping()
		fake.Advance(14 * time.Second)
		d1.ping() // each packet counts
		app.ping()
		eventually(t, func() bool { fake.Advance(tick); return w.b.Stats().Connections == 1 })
		if p := app.receive(); string(p.Payload) != "lost" {
			t.Errorf("%+v", p)
		}
	})
}

// TestTooLargeCountsAsDelivered: what a client cannot take leaves its window and its queue as if it had been acknowledged.
func TestTooLargeCountsAsDelivered(t *testing.T) {
	for _, session := range []func(*packet.Connect){lasting, func(*packet.Connect) {}} {
		w := newWorld(t, nil, broker.Limits{})
		app := w.account(packet.V5, "app", session, window(1), func(p *packet.Connect) { _ = p.Properties.SetUint(packet.PropMaximumPacketSize, 200) })
		app.subscribeAt(2, "things/+/telemetry/#")
		d1 := w.device(packet.V5, "d1")
		large := strings.Repeat("x", 300)
		d1.store(temperature, "first", large)
		d1.deliver(1, temperature, large)
		d1.store(temperature, "last")
		for _, want := range []string{"first", "last"} {
			if p := app.receive(); string(p.Payload) != want {
				t.Errorf("%d bytes, want %s", len(p.Payload), want)
			}
		}
		app.ping()
		if s := w.b.Sessions(t.Context(), broker.Filter{ID: "app"}); s[0].Inflight+s[0].Queued != 0 {
			t.Errorf("%+v", s[0])
		}
	}
}

// TestCopiesHaveTheirOwnIdentifiers: a shared subscription and one of one's own give two copies, each with its identifier.
func TestCopiesHaveTheirOwnIdentifiers(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	app, d1 := w.account(packet.V5, "app"), w.device(packet.V5, "d1")
	for i, filter := range []string{sharedFilter, temperature, "things/+/telemetry/#"} {
		p := &packet.Subscribe{PacketID: 1, Subscriptions: []packet.Subscription{{Filter: filter, QoS: 1}}}
		_ = p.Properties.SetUint(packet.PropSubscriptionID, uint32(i+1))
		app.send(p)
		want[*packet.Suback](app)
	}
	d1.store(temperature, "x")
	got := map[string]int{}
	for range 2 {
		all := uint32(0)
		for id := range app.receive().Properties.SubscriptionIDs() {
			all |= 1 << id
		}
		got[fmt.Sprint(all)]++
	}
	if got["2"] != 1 || got["12"] != 1 {
		t.Errorf("%v", got)
	}
}

// TestReplacedWithoutLoss: a subscription that is replaced again and again misses nothing.
func TestReplacedWithoutLoss(t *testing.T) {
	both(t, func(t *testing.T, v packet.Version) {
		w := newWorld(t, nil, broker.Limits{})
		app, d1 := w.account(v, "app"), w.device(v, "d1")
		app.subscribe(temperature)
		const messages = 300
		done := make(chan struct{})
		go func() {
			defer close(done)
			for i := range messages {
				d1.publish(uint16(i+1), temperature, fmt.Sprint(i))
				d1.next()
			}
		}()
		next := 0
		for next < messages {
			app.send(&packet.Subscribe{PacketID: 7, Subscriptions: []packet.Subscription{{Filter: temperature, QoS: 1}}})
			for ended := false; !ended; {
				switch p := app.next().(type) {
				case *packet.Suback:
					ended = true
				case *packet.Publish:
					if string(p.Payload) != fmt.Sprint(next) {
						t.Fatalf("%s, want %d", p.Payload, next)
					}
					next++
					app.ack(packet.TypePuback, p.PacketID)
				default:
					t.Fatalf("%T", p)
				}
			}
		}
		<-done
	})
}
