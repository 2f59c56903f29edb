package broker_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/broker"
	"github.com/thingward/thingward/server/broker/packet"
)

var temperature = protocol.TelemetryTopic("d1", "temperature")

func TestMessagesWaitForASession(t *testing.T) {
	both(t, func(t *testing.T, v packet.Version) {
		w := newWorld(t, nil, broker.Limits{})
		app := w.account(v, "app", lasting)
		app.subscribe("things/+/telemetry/#")
		app.send(&packet.Disconnect{})
		app.gone()
		d1 := w.device(v, "d1")
		for i := range 50 {
			d1.publish(uint16(i+1), temperature, fmt.Sprint(i))
			want[*packet.Ack](d1)
		}
		d1.publish(0, temperature, "QoS 0 does not wait")
		d1.ping()
		app, ack := w.connect(v, protocol.SubjectAccount, "app", lasting)
		if !ack.SessionPresent {
			t.Error("session not present")
		}
		for i := range 50 {
			if p := app.receive(); string(p.Payload) != fmt.Sprint(i) || p.QoS != 1 || p.Dup {
				t.Fatalf("message %d: %+v", i, p)
			}
		}
		app.ping()
		if _, ack := w.connect(v, protocol.SubjectAccount, "app"); ack.SessionPresent {
			t.Error("a clean start finds a session")
		}
	})
}

// TestUnacknowledgedComesAgain: the same packet identifiers, with DUP, in order, before what is new.
func TestUnacknowledgedComesAgain(t *testing.T) {
	both(t, func(t *testing.T, v packet.Version) {
		w := newWorld(t, nil, broker.Limits{})
		app, d1 := w.account(v, "app", lasting), w.device(v, "d1")
		app.subscribe("things/+/telemetry/#")
		var ids []uint16
		for i := range 5 {
			d1.publish(uint16(i+1), temperature, fmt.Sprint(i))
			want[*packet.Ack](d1)
			ids = append(ids, want[*packet.Publish](app).PacketID)
		}
		app.send(&packet.Ack{Type: packet.TypePuback, PacketID: ids[0]})
		app.ping()
		_ = app.nc.Close()
		eventually(t, func() bool { return w.b.Stats().Away == 1 })
		d1.publish(9, temperature, "5")
		want[*packet.Ack](d1)
		app, _ = w.connect(v, protocol.SubjectAccount, "app", lasting)
		for i := 1; i <= 5; i++ {
			p := app.receive()
			if string(p.Payload) != fmt.Sprint(i) || p.Dup != (i < 5) || (i < 5 && p.PacketID != ids[i]) {
				t.Fatalf("message %d: %+v", i, p)
			}
		}
		app.ping()
	})
}

// TestSessionsSurviveARestart: an orderly end and a new start on the same store.
func TestSessionsSurviveARestart(t *testing.T) {
	both(t, func(t *testing.T, v packet.Version) {
		w := newWorld(t, nil, broker.Limits{})
		app, d1 := w.account(v, "app", lasting), w.device(v, "d1")
		app.subscribe("things/+/telemetry/#")
		send := func(from, to int) {
			for i := from; i < to; i++ {
				d1.publish(uint16(i+1), temperature, fmt.Sprint(i))
				want[*packet.Ack](d1)
			}
		}
		send(0, 10)
		for range 10 {
			app.receive()
		}
		app.ping()
		app.send(&packet.Disconnect{})
		app.gone()
		send(10, 20)
		w.stop()
		if d := d1.gone(); v == packet.V5 && (d == nil || d.Code != packet.ServerShuttingDown) {
			t.Errorf("DISCONNECT %+v", d)
		}
		w.start()
		d1 = w.device(v, "d1")
		send(20, 30)
		app, ack := w.connect(v, protocol.SubjectAccount, "app", lasting)
		if !ack.SessionPresent {
			t.Error("session not present")
		}
		for i := 10; i < 30; i++ {
			if p := app.receive(); string(p.Payload) != fmt.Sprint(i) {
				t.Fatalf("message %d: %s", i, p.Payload)
			}
		}
		app.ping()
	})
}

func TestSessionExpiry(t *testing.T) {
	fake := newFake()
	w := newWorldAt(t, nil, broker.Limits{SessionExpiry: time.Hour}, fake)
	app := w.account(packet.V5, "app", func(p *packet.Connect) {
		p.CleanStart = false
		_ = p.Properties.SetUint(packet.PropSessionExpiry, 10)
	})
	app.subscribe("things/+/event")
	bye := &packet.Disconnect{}
	_ = bye.Properties.SetUint(packet.PropSessionExpiry, 20)
	app.send(bye)
	app.gone()
	eventually(t, func() bool { return w.b.Stats().Away == 1 })
	fake.Advance(15 * time.Second)
	if s := w.b.Sessions(t.Context(), broker.Filter{}); len(s) != 1 || s[0].ExpirySeconds != 20 {
		t.Fatalf("sessions %+v", s)
	}
	fake.Advance(6 * time.Second)
	eventually(t, func() bool { fake.Advance(tick); return len(w.b.Sessions(t.Context(), broker.Filter{})) == 0 })
	w.stop()
	w.start()
	if n := len(w.b.Sessions(t.Context(), broker.Filter{})); n != 0 {
		t.Errorf("%d sessions after a restart", n)
	}
}

func TestQueueIsBounded(t *testing.T) {
	fake := newFake()
	w := newWorldAt(t, nil, broker.Limits{DeviceQueue: 10}, fake)
	seen := w.watch()
	d1 := w.device(packet.V5, "d1", lasting)
	d1.subscribe(protocol.CommandTopic("d1", "+"))
	d1.send(&packet.Disconnect{})
	d1.gone()
	eventually(t, func() bool { return w.b.Stats().Away == 1 })
	for i := range 25 {
		if err := w.b.Publish(t.Context(), protocol.CommandTopic("d1", "c"), fmt.Append(nil, i), false); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, func() bool { fake.Advance(tick); return w.b.Stats().Dropped == 15 })
	if ev := seen.want("messages.dropped"); ev.Data["count"] != float64(15) || ev.Initiator.ID != "d1" {
		t.Errorf("event %+v", ev)
	}
	d1 = w.device(packet.V5, "d1", lasting)
	for i := 15; i < 25; i++ {
		if p := d1.receive(); string(p.Payload) != fmt.Sprint(i) {
			t.Fatalf("%s, want %d", p.Payload, i)
		}
	}
}

// TestSlowWindow: with a window of two, everything still comes, in order.
func TestSlowWindow(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	app := w.account(packet.V5, "app", func(p *packet.Connect) { _ = p.Properties.SetUint(packet.PropReceiveMaximum, 2) })
	app.subscribe("things/+/telemetry/#")
	d1 := w.device(packet.V5, "d1")
	for i := range 200 {
		d1.publish(uint16(i+1), temperature, fmt.Sprint(i))
	}
	for range 200 {
		want[*packet.Ack](d1)
	}
	for i := 0; i < 200; i += 2 {
		a, b := want[*packet.Publish](app), want[*packet.Publish](app)
		if string(a.Payload) != fmt.Sprint(i) || string(b.Payload) != fmt.Sprint(i+1) {
			t.Fatalf("%s, %s; want %d", a.Payload, b.Payload, i)
		}
		app.ping() // no third one
		for _, p := range []*packet.Publish{a, b} {
			app.send(&packet.Ack{Type: packet.TypePuback, PacketID: p.PacketID})
		}
	}
}

func TestSubscriptionOptions(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	app := w.account(packet.V5, "app")
	sub := func(id uint32, s packet.Subscription) {
		p := &packet.Subscribe{PacketID: 1, Subscriptions: []packet.Subscription{s}}
		_ = p.Properties.SetUint(packet.PropSubscriptionID, id)
		app.send(p)
		want[*packet.Suback](app)
	}
	sub(5, packet.Subscription{Filter: "things/+/telemetry/#", QoS: 1})
	sub(6, packet.Subscription{Filter: temperature, QoS: 0})
	d1 := w.device(packet.V5, "d1")
	m := message(1, temperature, "1")
	_ = m.Properties.AddUser("a", "b")
	_ = m.Properties.SetText(packet.PropContentType, "text/plain")
	_ = m.Properties.SetUint(packet.PropMessageExpiry, 60)
	_ = m.Properties.SetText(packet.PropResponseTopic, "answer/here")
	_ = m.Properties.SetBytes(packet.PropCorrelationData, []byte{1, 2})
	d1.send(m)
	p := app.receive()
	ids := map[uint32]bool{}
	for id := range p.Properties.SubscriptionIDs() {
		ids[id] = true
	}
	if p.QoS != 1 || !ids[5] || !ids[6] || p.Properties.Text(packet.PropContentType) != "text/plain" || p.Properties.Text(packet.PropResponseTopic) != "answer/here" {
		t.Errorf("%+v", p)
	}
	if left, _ := p.Properties.Uint(packet.PropMessageExpiry); left == 0 || left > 60 {
		t.Errorf("expiry %d", left)
	}
	for k, v := range p.Properties.Users() {
		if string(k) != "a" || string(v) != "b" {
			t.Errorf("user property %s=%s", k, v)
		}
	}
	app.ping() // one copy only
	app.send(&packet.Unsubscribe{PacketID: 3, Filters: []string{temperature, "never/there"}})
	if a := want[*packet.Unsuback](app); a.Codes[0] != packet.Success || a.Codes[1] != packet.NoSubscriptionExisted {
		t.Errorf("UNSUBACK %v", a.Codes)
	}
}

func TestExpiredMessagesAreNotDelivered(t *testing.T) {
	fake := newFake()
	w := newWorldAt(t, nil, broker.Limits{}, fake)
	app := w.account(packet.V5, "app", lasting)
	app.subscribe("things/+/telemetry/#")
	app.send(&packet.Disconnect{})
	app.gone()
	eventually(t, func() bool { return w.b.Stats().Away == 1 })
	d1 := w.device(packet.V5, "d1")
	short := message(1, temperature, "short")
	_ = short.Properties.SetUint(packet.PropMessageExpiry, 5)
	d1.send(short)
	d1.publish(2, temperature, "long")
	want[*packet.Ack](d1)
	want[*packet.Ack](d1)
	fake.Advance(6 * time.Second)
	app = w.account(packet.V5, "app", lasting)
	if p := app.receive(); string(p.Payload) != "long" {
		t.Errorf("%s", p.Payload)
	}
}

func TestTopicAlias(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	app, d1 := w.account(packet.V5, "app"), w.device(packet.V5, "d1")
	app.subscribe("things/+/telemetry/#")
	for _, topic := range []string{temperature, ""} {
		m := message(0, topic, "1")
		_ = m.Properties.SetUint(packet.PropTopicAlias, 3)
		d1.send(m)
		if p := app.receive(); string(p.Topic) != temperature {
			t.Errorf("topic %q", p.Topic)
		}
	}
	hidden := message(1, protocol.TelemetryTopic("d2", "temperature"), "1")
	_ = hidden.Properties.SetUint(packet.PropTopicAlias, 4)
	d1.send(hidden)
	if a := want[*packet.Ack](d1); a.Code != packet.NotAuthorized {
		t.Errorf("foreign topic: %s", a.Code)
	}
	again := message(2, "", "1")
	_ = again.Properties.SetUint(packet.PropTopicAlias, 4)
	d1.send(again)
	if a := want[*packet.Ack](d1); a.Code != packet.NotAuthorized {
		t.Errorf("foreign topic by its alias: %s", a.Code)
	}
	bad := message(0, "", "1")
	_ = bad.Properties.SetUint(packet.PropTopicAlias, 16)
	d1.send(bad)
	if d := d1.gone(); d == nil || d.Code != packet.TopicAliasInvalid {
		t.Errorf("DISCONNECT %+v", d)
	}
}
