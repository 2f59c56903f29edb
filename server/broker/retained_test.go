package broker_test

import (
	"testing"
	"time"

	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/broker"
	"github.com/thingward/thingward/server/broker/packet"
)

func retained(id uint16, topic, payload string) *packet.Publish {
	m := message(id, topic, payload)
	m.Retain = true
	return m
}

func TestRetained(t *testing.T) {
	both(t, func(t *testing.T, v packet.Version) {
		w := newWorld(t, nil, broker.Limits{})
		d1, d2 := w.device(v, "d1"), w.device(v, "d2")
		d1.send(retained(1, temperature, "old"))
		d1.send(retained(2, temperature, "new"))
		d1.send(retained(0, protocol.EventTopic("d1"), "event"))
		d2.send(retained(1, protocol.TelemetryTopic("d2", "humidity"), "40"))
		for _, c := range []*client{d1, d1, d2} {
			want[*packet.Ack](c)
		}
		d1.ping()
		app := w.account(v, "app")
		app.subscribe("things/+/telemetry/#")
		got := map[string]string{}
		for range 2 {
			p := app.receive()
			if !p.Retain || p.QoS != 1 {
				t.Errorf("%+v", p)
			}
			got[string(p.Topic)] = string(p.Payload)
		}
		if got[temperature] != "new" || got[protocol.TelemetryTopic("d2", "humidity")] != "40" {
			t.Errorf("%v", got)
		}
		app.subscribe("things/d1/event")
		if p := app.receive(); string(p.Payload) != "event" || p.QoS != 0 {
			t.Errorf("%+v", p)
		}
		d1.send(retained(3, temperature, "live"))
		if p := app.receive(); p.Retain {
			t.Error("a live message carries RETAIN")
		}
		d1.send(retained(4, temperature, "")) // removes it
		want[*packet.Ack](d1)
		want[*packet.Ack](d1)
		app.receive()
		app.subscribe(temperature)
		app.ping()
		if n := w.b.Stats().Retained; n != 2 {
			t.Errorf("%d retained", n)
		}
	})
}

// TestRetainedSurvivesARestart, without any moment given to save it in.
func TestRetainedSurvivesARestart(t *testing.T) {
	fake := newFake() // it stands still: nothing is saved as time passes
	w := newWorldAt(t, nil, broker.Limits{}, fake)
	if err := w.b.Publish(t.Context(), protocol.DesiredTopic("d1"), []byte("1"), true); err != nil {
		t.Fatal(err)
	}
	if err := w.b.Publish(t.Context(), protocol.DesiredTopic("d2"), []byte("gone"), true); err != nil {
		t.Fatal(err)
	}
	w.stop()
	w.start()
	if err := w.b.Publish(t.Context(), protocol.DesiredTopic("d2"), nil, true); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		w.stop()
		w.start()
		d1 := w.device(packet.V5, "d1")
		d1.subscribe(protocol.DesiredTopic("d1"))
		if p := d1.receive(); string(p.Payload) != "1" || !p.Retain {
			t.Errorf("%+v", p)
		}
		if n := w.b.Stats().Retained; n != 1 {
			t.Errorf("%d retained", n)
		}
	}
}

func TestRetainHandling(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	d1 := w.device(packet.V5, "d1")
	d1.send(retained(1, temperature, "x"))
	want[*packet.Ack](d1)
	app := w.account(packet.V5, "app")
	sub := func(handling byte, asIs bool) {
		app.send(&packet.Subscribe{PacketID: 1, Subscriptions: []packet.Subscription{{Filter: temperature, QoS: 1, RetainHandling: handling, RetainAsPublished: asIs}}})
		want[*packet.Suback](app)
	}
	sub(2, false)
	app.ping() // never
	sub(1, false)
	app.ping() // not new any more
	sub(0, true)
	app.receive()
	d1.send(retained(2, temperature, "y"))
	if p := app.receive(); !p.Retain {
		t.Error("RETAIN not kept as published")
	}
}

func TestRetainedIsBounded(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{RetainedPerClient: 2})
	d1 := w.device(packet.V5, "d1")
	for i, topic := range []string{temperature, protocol.EventTopic("d1"), temperature, protocol.ReportedTopic("d1")} {
		d1.send(retained(uint16(i+1), topic, "x"))
		if a := want[*packet.Ack](d1); (i == 3) != (a.Code == packet.QuotaExceeded) {
			t.Errorf("message %d: %s", i, a.Code)
		}
	}
}

func withWill(qos byte, delay uint32) func(*packet.Connect) {
	return func(p *packet.Connect) {
		p.Will = &packet.Will{Topic: protocol.EventTopic("d1"), Payload: []byte("lost"), QoS: qos}
		if p.Version == packet.V5 && delay > 0 {
			_ = p.Will.Properties.SetUint(packet.PropWillDelay, delay)
		}
	}
}

func TestWill(t *testing.T) {
	both(t, func(t *testing.T, v packet.Version) {
		w := newWorld(t, nil, broker.Limits{})
		app := w.account(v, "app")
		app.subscribe("things/+/event")
		for qos := range byte(2) {
			d1 := w.device(v, "d1", withWill(qos, 0))
			_ = d1.nc.Close()
			if p := app.receive(); string(p.Payload) != "lost" || p.QoS != qos {
				t.Errorf("will of QoS %d: %+v", qos, p)
			}
			d1 = w.device(v, "d1", withWill(qos, 0))
			d1.send(&packet.Disconnect{})
			d1.gone()
		}
		app.ping() // no will after a goodbye
		_, ack := w.connect(v, protocol.SubjectDevice, "d1", func(p *packet.Connect) {
			p.Will = &packet.Will{Topic: protocol.EventTopic("d2"), Payload: []byte("x")}
		})
		if ack.Code != packet.NotAuthorized {
			t.Errorf("will on a foreign topic: %s", ack.Code)
		}
	})
}

func TestWillDelay(t *testing.T) {
	fake := newFake()
	w := newWorldAt(t, nil, broker.Limits{}, fake)
	app := w.account(packet.V5, "app", func(p *packet.Connect) { p.KeepAlive = 0 })
	app.subscribe("things/+/event")
	leave := func() {
		d1 := w.device(packet.V5, "d1", lasting, withWill(1, 30))
		_ = d1.nc.Close()
		eventually(t, func() bool { _, _, ok := w.b.Connected("device", "d1"); return !ok })
	}
	leave()
	fake.Advance(20 * time.Second)
	leave() // it came back in time
	for range 25 {
		fake.Advance(tick)
	}
	app.ping()
	eventually(t, func() bool { fake.Advance(tick); return w.b.Stats().Delivered > 0 })
	if p := app.receive(); string(p.Payload) != "lost" {
		t.Errorf("%+v", p)
	}
	app.ping() // once
}

// TestWillOfACutClient is not published: whoever was cut has no right to speak.
func TestWillOfACutClient(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	app := w.account(packet.V5, "app")
	app.subscribe("things/+/event")
	d1 := w.device(packet.V5, "d1", withWill(1, 0))
	w.cut("d1")
	d1.gone()
	eventually(t, func() bool { return w.b.Stats().Connections == 1 })
	app.ping()
}
