package broker_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/broker"
	"github.com/thingward/thingward/server/broker/packet"
)

// front is a front as CoAP has one.
func (w *world) front(adjust ...func(*broker.FrontConfig)) *broker.Front {
	c := broker.FrontConfig{Protocol: "CoAP", Transport: "coaps", Client: "coap", Expiry: time.Hour, Receive: 2, Idle: time.Minute}
	for _, f := range adjust {
		f(&c)
	}
	return w.b.Front(c)
}

// guest lets a device in; its messages come through the channel.
func (w *world) guest(f *broker.Front, id, from string) (*broker.Guest, chan broker.Delivery) {
	w.t.Helper()
	ch := make(chan broker.Delivery, 100)
	g, err := f.Enter(w.t.Context(), w.cert(protocol.SubjectDevice, id).Leaf, "DTLS 1.2", from, func(d broker.Delivery) { ch <- d })
	if err != nil {
		w.t.Fatal(err)
	}
	return g, ch
}

func codeOf(err error) packet.ReasonCode {
	var r *broker.Refusal
	if errors.As(err, &r) {
		return r.Code
	}
	return 0
}

func receive(t testing.TB, ch chan broker.Delivery) broker.Delivery {
	t.Helper()
	select {
	case d := <-ch:
		return d
	case <-time.After(patience):
		t.Fatal("no message")
		panic("unreachable")
	}
}

func TestGuestIsJudgedAsAConnection(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	seen := w.watch()
	f := w.front()
	g, _ := w.guest(f, "d1", "192.0.2.1")
	if ev := seen.want("connection.opened"); ev.Data["protocol"] != "CoAP" || ev.Data["transport"] != "coaps" || ev.Data["tls"] != "DTLS 1.2" {
		t.Errorf("opened: %v", ev.Data)
	}
	app := w.account(packet.V5, "app")
	app.subscribe("things/+/telemetry/#")
	for _, qos := range []byte{0, 1} {
		if err := g.Publish(t.Context(), broker.Letter{Topic: "things/d1/telemetry/temperature", Payload: []byte("21"), QoS: qos, Format: "application/json"}); err != nil {
			t.Fatal(err)
		}
		if p := app.receive(); string(p.Payload) != "21" || p.Properties.Text(packet.PropContentType) != "application/json" {
			t.Errorf("received %v", p)
		}
		for _, topic := range []string{"things/d2/telemetry/temperature", "things/d1/telemetry/secret"} {
			if err := g.Publish(t.Context(), broker.Letter{Topic: topic, Payload: []byte("1"), QoS: qos}); codeOf(err) != packet.NotAuthorized {
				t.Errorf("%s QoS %d: %v", topic, qos, err)
			}
			seen.want("publish.refused")
		}
	}
	if err := g.Publish(t.Context(), broker.Letter{Topic: "things/+/x", QoS: 1}); codeOf(err) != packet.TopicNameInvalid {
		t.Error(err)
	}
	if err := g.Publish(t.Context(), broker.Letter{Topic: "things/d1/event", Payload: make([]byte, 300<<10), QoS: 1}); codeOf(err) != packet.PacketTooLarge {
		t.Error(err)
	}
	seen.want("message.too-large")
	if err := g.Subscribe(t.Context(), "things/d2/command/#", 1); codeOf(err) != packet.NotAuthorized {
		t.Error(err)
	}
	infos := w.b.Sessions(t.Context(), broker.Filter{Kind: "device", ID: "d1"})
	if len(infos) != 1 || infos[0].Protocol != "CoAP" || infos[0].Transport != "coaps" || infos[0].State != "live" {
		t.Errorf("sessions: %+v", infos)
	}
	g.Leave("closed")
	if ev := seen.want("connection.closed"); ev.Data["protocol"] != "CoAP" || ev.Data["reason"] != "closed" {
		t.Errorf("closed: %v", ev.Data)
	}
}

func TestGuestIsRefused(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	seen := w.watch()
	f := w.front()
	enter := func(id, from string) packet.ReasonCode {
		_, err := f.Enter(t.Context(), w.cert(protocol.SubjectDevice, id).Leaf, "DTLS 1.2", from, func(broker.Delivery) {})
		return codeOf(err)
	}
	if code := enter("nobody", "192.0.2.1"); code != packet.NotAuthorized {
		t.Error(code)
	}
	w.people.set(broker.Client{Kind: "device", ID: "d2", State: fleet.Suspended, Type: thermostat})
	if code := enter("d2", "192.0.2.1"); code != packet.NotAuthorized {
		t.Error(code)
	}
	if ev := seen.want("connection.refused"); ev.Data["protocol"] != "coap" || ev.Data["transport"] != "coaps" {
		t.Errorf("refused: %v", ev.Data)
	}
	if code := enter("d1", "192.0.2.1"); code != 0 {
		t.Error(code)
	}
	if code := enter("d1", "192.0.2.2"); code != packet.NotAuthorized { // a second place
		t.Error(code)
	}
	seen.want("identity.duplicate")
}

func TestGuestIsCut(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	seen := w.watch()
	g, _ := w.guest(w.front(), "d1", "192.0.2.1")
	w.cut("d1")
	<-g.Gone()
	seen.want("session.cut")
	if err := g.Publish(t.Context(), broker.Letter{Topic: "things/d1/event", QoS: 1}); codeOf(err) != packet.ServerUnavailable {
		t.Error(err)
	}
	seen.want("connection.closed")
}

// TestGuestAcknowledges shows that what a guest did not acknowledge waits in its session, and what it did does not come again.
func TestGuestAcknowledges(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	f := w.front()
	g, ch := w.guest(f, "d1", "192.0.2.1")
	if err := g.Subscribe(t.Context(), "things/d1/command/#", 1); err != nil {
		t.Fatal(err)
	}
	send := func(name string) {
		if err := w.b.Publish(t.Context(), protocol.CommandTopic("d1", name), []byte(name), false); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"a", "b", "c"} {
		send(name)
	}
	first := receive(t, ch)
	second := receive(t, ch)
	if string(first.Payload) != "a" || string(second.Payload) != "b" || first.QoS != 1 {
		t.Fatalf("%v %v", first, second)
	}
	g.Acknowledge(first)
	if third := receive(t, ch); string(third.Payload) != "c" { // beyond Receive only after an acknowledgement
		t.Fatal(third)
	}
	again, ch := w.guest(f, "d1", "192.0.2.1") // takes over
	<-g.Gone()
	for _, want := range []string{"b", "c"} {
		d := receive(t, ch)
		if string(d.Payload) != want || !d.Again {
			t.Fatal(d)
		}
		again.Acknowledge(d)
	}
	again.Leave("asleep")
	send("d")
	_, ch = w.guest(f, "d1", "192.0.2.1")
	if d := receive(t, ch); string(d.Payload) != "d" {
		t.Fatal(d)
	}
}

func TestGuestIsHeldToItsRate(t *testing.T) {
	fake := newFake()
	w := newWorldAt(t, nil, broker.Limits{Device: broker.Rate{Messages: 1, Burst: 2}}, fake)
	seen := w.watch()
	g, _ := w.guest(w.front(), "d1", "192.0.2.1")
	publish := func() error {
		return g.Publish(context.Background(), broker.Letter{Topic: "things/d1/telemetry/temperature", Payload: []byte("1")})
	}
	for range 3 {
		if err := publish(); err != nil {
			t.Fatal(err)
		}
	}
	var r *broker.Refusal
	if err := publish(); !errors.As(err, &r) || r.Code != packet.MessageRateTooHigh || r.Wait <= 0 {
		t.Fatal(err)
	}
	seen.want("client.throttled")
	fake.Advance(r.Wait)
	if err := publish(); err != nil {
		t.Fatal(err)
	}
}

// TestGuestKeepsItsIdleTime: the longest keep-alive is a matter of MQTT.
func TestGuestKeepsItsIdleTime(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{KeepAlive: time.Minute})
	w.guest(w.front(func(c *broker.FrontConfig) { c.Idle = time.Hour }), "d1", "192.0.2.1")
	if s := w.b.Sessions(t.Context(), broker.Filter{ID: "d1"}); len(s) != 1 || s[0].KeepAlive != 2400 {
		t.Errorf("%+v", s)
	}
}
