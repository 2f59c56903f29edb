package broker_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/broker"
	"github.com/thingward/thingward/server/broker/packet"
)

// TestServerKeepAlive: an MQTT 5.0 client that asks for a longer keep-alive, or for none, is told ours and held to it.
func TestServerKeepAlive(t *testing.T) {
	fake := newFake()
	w := newWorldAt(t, nil, broker.Limits{KeepAlive: 10 * time.Second}, fake)
	asks := func(seconds uint16) func(*packet.Connect) {
		return func(p *packet.Connect) { p.KeepAlive = seconds }
	}
	for asked, want := range map[uint16]uint32{0: 10, 11: 10, 65535: 10} {
		_, ack := w.connect(packet.V5, protocol.SubjectDevice, "d1", asks(asked))
		if got, _ := ack.Properties.Uint(packet.PropServerKeepAlive); got != want {
			t.Errorf("asked %d, told %d", asked, got)
		}
	}
	if _, ack := w.connect(packet.V5, protocol.SubjectDevice, "d1", asks(10)); ack.Properties.Has(packet.PropServerKeepAlive) {
		t.Error("told what it asked for")
	}
	d1, old := w.device(packet.V5, "d1", asks(0)), w.device(packet.V311, "d2", asks(0))
	fake.Advance(14 * time.Second)
	d1.ping()
	fake.Advance(14 * time.Second)
	d1.ping()
	fake.Advance(16 * time.Second)
	done := make(chan *packet.Disconnect)
	go func() { done <- d1.gone() }()
	var d *packet.Disconnect
	eventually(t, func() bool {
		fake.Advance(tick)
		select {
		case d = <-done:
			return true
		default:
			return false
		}
	})
	if d == nil || d.Code != packet.KeepAliveTimeout {
		t.Errorf("DISCONNECT %+v", d)
	}
	old.ping()
}

func TestResponseInformation(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	for asked, want := range map[uint32]string{0: "", 1: "things/d1/"} {
		_, ack := w.connect(packet.V5, protocol.SubjectDevice, "d1", func(p *packet.Connect) { _ = p.Properties.SetUint(packet.PropRequestResponseInfo, asked) })
		if got := ack.Properties.Text(packet.PropResponseInfo); got != want {
			t.Errorf("asked %d, got %q", asked, got)
		}
	}
	_, ack := w.connect(packet.V5, protocol.SubjectAccount, "app", func(p *packet.Connect) { _ = p.Properties.SetUint(packet.PropRequestResponseInfo, 1) })
	if ack.Code != packet.Success || ack.Properties.Has(packet.PropResponseInfo) {
		t.Errorf("an account, which publishes nothing: %+v", ack)
	}
}

// TestNoProblemInformation: a client that asks for no reason strings gets none, whatever happens; others get them in CONNACK and
// DISCONNECT only.
func TestNoProblemInformation(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	for _, asked := range []uint32{0, 1} {
		said := func(p *packet.Properties) bool { return p.Has(packet.PropReasonString) }
		set := func(p *packet.Connect) { _ = p.Properties.SetUint(packet.PropRequestProblemInfo, asked) }
		d1 := w.device(packet.V5, "d1", set)
		d1.publish(1, protocol.EventTopic("d2"), "x")
		if a := want[*packet.Ack](d1); a.Code != packet.NotAuthorized || said(&a.Properties) {
			t.Errorf("PUBACK %+v", a)
		}
		d1.send(exact(2, protocol.EventTopic("d2"), "x"))
		if a := want[*packet.Ack](d1); a.Type != packet.TypePubrec || a.Code != packet.NotAuthorized || said(&a.Properties) {
			t.Errorf("PUBREC %+v", a)
		}
		second := w.device(packet.V5, "d1", set)
		if d := d1.gone(); d == nil || said(&d.Properties) != (asked == 1) {
			t.Errorf("DISCONNECT %+v", d)
		}
		second.send(&packet.Disconnect{})
		second.gone()
		_, ack := w.connect(packet.V5, protocol.SubjectAccount, "auditor", set)
		if !ack.Code.Failed() || said(&ack.Properties) != (asked == 1) {
			t.Errorf("CONNACK %+v", ack)
		}
	}
}

// TestAliasesToAClient: topics that come again are abbreviated for a client that offers aliases, at each QoS, and for no other.
func TestAliasesToAClient(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	app := w.account(packet.V5, "app", lasting, func(p *packet.Connect) { _ = p.Properties.SetUint(packet.PropTopicAliasMaximum, 2) })
	plain := w.account(packet.V5, "operator")
	for _, c := range []*client{app, plain} {
		c.subscribeAt(2, "things/+/telemetry/#", "things/+/event")
	}
	d1 := w.device(packet.V5, "d1")
	known, saved := map[uint32]string{}, 0
	for i := range 60 {
		topic := []string{temperature, temperature, protocol.TelemetryTopic("d1", "humidity"), temperature, protocol.EventTopic("d1")}[i%5]
		switch p := message(uint16(i+1), topic, fmt.Sprint(i)); i % 3 {
		case 0:
			p.QoS, p.PacketID = 0, 0
			d1.send(p)
		case 1:
			d1.send(p)
			want[*packet.Ack](d1)
		case 2:
			d1.deliver(uint16(i+1), topic, fmt.Sprint(i))
		}
		for _, c := range []*client{app, plain} {
			p := want[*packet.Publish](c)
			switch p.QoS {
			case 1:
				c.ack(packet.TypePuback, p.PacketID)
			case 2:
				c.ack(packet.TypePubrec, p.PacketID)
				c.wantAck(packet.TypePubrel, p.PacketID, packet.Success)
				c.ack(packet.TypePubcomp, p.PacketID)
			}
			got := string(p.Topic)
			alias, has := p.Properties.Uint(packet.PropTopicAlias)
			switch {
			case has && c == plain, has && (alias == 0 || alias > 2):
				t.Fatalf("message %d: alias %d", i, alias)
			case has && got == "":
				got = known[alias]
				saved++
			case has:
				known[alias] = got
			}
			if got != topic || string(p.Payload) != fmt.Sprint(i) || p.QoS != byte(i%3) {
				t.Fatalf("message %d: %q %+v, want %q", i, got, p, topic)
			}
		}
	}
	if saved < 20 {
		t.Errorf("%d of 60 messages without their topic", saved)
	}
	app = w.account(packet.V5, "app", lasting) // offers none now
	d1.publish(1, temperature, "x")
	if p := app.receive(); string(p.Topic) != temperature || p.Properties.Has(packet.PropTopicAlias) {
		t.Errorf("%+v", p)
	}
}

// TestRetainedMessagesExpire: they are not delivered any more, and make room.
func TestRetainedMessagesExpire(t *testing.T) {
	fake := newFake()
	w := newWorldAt(t, nil, broker.Limits{}, fake)
	d1 := w.device(packet.V5, "d1")
	for i, topic := range []string{temperature, protocol.TelemetryTopic("d1", "humidity")} {
		p := retained(uint16(i+1), topic, "kept")
		if i == 0 {
			_ = p.Properties.SetUint(packet.PropMessageExpiry, 90)
		}
		d1.send(p)
		want[*packet.Ack](d1)
	}
	fake.Advance(30 * time.Second)
	app := w.account(packet.V5, "app")
	app.subscribeAt(1, temperature)
	if left, _ := app.receive().Properties.Uint(packet.PropMessageExpiry); left != 60 {
		t.Errorf("%d seconds are left", left)
	}
	fake.Advance(61 * time.Second)
	app = w.account(packet.V5, "app")
	app.subscribeAt(1, temperature, protocol.TelemetryTopic("d1", "humidity"))
	if p := app.receive(); string(p.Topic) == temperature {
		t.Errorf("%+v", p)
	}
	app.ping()
	eventually(t, func() bool { fake.Advance(tick); return w.b.Stats().Retained == 1 })
}
