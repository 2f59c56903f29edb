package broker_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/broker"
	"github.com/thingward/thingward/server/broker/packet"
)

// TestSessionsBeginAndGoOn: CONNACK comes first and once, with Session Present as the state is; a clean start discards.
func TestSessionsBeginAndGoOn(t *testing.T) {
	both(t, func(t *testing.T, v packet.Version) {
		w := newWorld(t, nil, broker.Limits{})
		for i, want := range []bool{false, true, true} {
			c, ack := w.connect(v, protocol.SubjectDevice, "d1", lasting)
			if ack.SessionPresent != want || ack.Code != packet.Success {
				t.Errorf("connection %d: %+v", i, ack)
			}
			if i == 0 {
				c.subscribe(protocol.CommandTopic("d1", "+"))
			}
			c.ping() // the next packet is no second CONNACK
		}
		c, ack := w.connect(v, protocol.SubjectDevice, "d1")
		if ack.SessionPresent {
			t.Error("a clean start finds a session")
		}
		if err := w.b.Publish(t.Context(), protocol.CommandTopic("d1", "c"), []byte("x"), false); err != nil {
			t.Fatal(err)
		}
		c.ping() // its subscriptions are gone
		if _, ack = w.connect(v, protocol.SubjectDevice, "d1", lasting); ack.SessionPresent {
			t.Error("a session that was to end with its connection is taken up")
		}
		if bad, ack := w.connect(v, protocol.SubjectAccount, "auditor", lasting); ack.SessionPresent || !ack.Code.Failed() {
			t.Errorf("%+v", ack)
		} else if p := bad.next(); p != nil {
			t.Errorf("after the refusal came %T", p)
		}
		for _, id := range []string{"a", "0123456789abcdefghijklm", "nopqrstuvwxyzABCDEFGHIJ", "KLMNOPQRSTUVWXYZ"} {
			if _, ack := w.connect(v, protocol.SubjectAccount, "app", named(id)); ack.Code != packet.Success {
				t.Errorf("client id %s: %s", id, ack.Code)
			}
		}
	})
}

// TestGrantedQoS: a message goes out at the lower of its own QoS and the one granted; SUBACK has a code for each filter in order.
func TestGrantedQoS(t *testing.T) {
	both(t, func(t *testing.T, v packet.Version) {
		w := newWorld(t, nil, broker.Limits{})
		d1 := w.device(v, "d1")
		for granted := range byte(3) {
			app := w.account(v, "app", named(fmt.Sprint("s", granted)))
			app.subscribeAt(granted, temperature)
			for sent := range byte(3) {
				m := exact(uint16(min(sent, 1)), temperature, "x")
				m.QoS = sent
				d1.send(m)
				switch sent {
				case 1:
					d1.wantAck(packet.TypePuback, 1, packet.Success)
				case 2:
					d1.wantAck(packet.TypePubrec, 1, packet.Success)
					d1.ack(packet.TypePubrel, 1)
					d1.wantAck(packet.TypePubcomp, 1, packet.Success)
				}
				p := want[*packet.Publish](app)
				if p.QoS != min(granted, sent) || p.Dup || (p.QoS == 0) != (p.PacketID == 0) || string(p.Topic) != temperature {
					t.Errorf("sent %d, granted %d: %+v", sent, granted, p)
				}
			}
			app.send(&packet.Subscribe{PacketID: 9, Subscriptions: []packet.Subscription{{Filter: "things/+/event", QoS: granted}, {Filter: "#"}, {Filter: temperature, QoS: 2}}})
			ack := want[*packet.Suback](app)
			refused := packet.NotAuthorized
			if v < packet.V5 {
				refused = packet.UnspecifiedError
			}
			if ack.PacketID != 9 || !slices.Equal(ack.Codes, []packet.ReasonCode{packet.ReasonCode(granted), refused, packet.GrantedQoS2}) {
				t.Errorf("SUBACK %+v", ack)
			}
			app.send(&packet.Unsubscribe{PacketID: 10, Filters: []string{"never", temperature, "things/+/even"}})
			un := want[*packet.Unsuback](app)
			if un.PacketID != 10 || (v >= packet.V5 && !slices.Equal(un.Codes, []packet.ReasonCode{packet.NoSubscriptionExisted, packet.Success, packet.NoSubscriptionExisted})) {
				t.Errorf("UNSUBACK %+v", un)
			}
			d1.publish(0, temperature, "not for it")
			d1.publish(0, protocol.EventTopic("d1"), "still there")
			if p := want[*packet.Publish](app); string(p.Payload) != "still there" {
				t.Errorf("%s", p.Payload)
			}
			app.send(&packet.Disconnect{})
			app.gone()
		}
	})
}

// TestBegunIsCompleted: what was sent before UNSUBSCRIBE is completed after it, over a lost connection too.
func TestBegunIsCompleted(t *testing.T) {
	both(t, func(t *testing.T, v packet.Version) {
		w := newWorld(t, nil, broker.Limits{})
		app, d1 := w.account(v, "app", lasting), w.device(v, "d1")
		app.subscribeAt(2, temperature)
		d1.store(temperature, "one")
		d1.deliver(2, temperature, "two")
		one, two := slowly(app), slowly(app)
		app.send(&packet.Unsubscribe{PacketID: 10, Filters: []string{temperature}})
		want[*packet.Unsuback](app)
		_ = app.nc.Close()
		eventually(t, func() bool { return w.b.Stats().Away == 1 })
		d1.store(temperature, "three")
		app = w.account(v, "app", lasting)
		if p := app.receive(); p.PacketID != one.PacketID || !p.Dup || string(p.Payload) != "one" {
			t.Errorf("%+v", p)
		}
		if p := app.receiveExact(); p.PacketID != two.PacketID || !p.Dup || string(p.Payload) != "two" {
			t.Errorf("%+v", p)
		}
		app.ping()
	})
}

// TestIdentifiersAreUsedAgain: after its acknowledgement the same identifier is a new message, whatever its DUP says, and DUP is
// not handed on.
func TestIdentifiersAreUsedAgain(t *testing.T) {
	both(t, func(t *testing.T, v packet.Version) {
		w := newWorld(t, nil, broker.Limits{})
		app, d1 := w.account(v, "app"), w.device(v, "d1")
		app.subscribe(temperature)
		for i := range 3 {
			m := message(5, temperature, fmt.Sprint(i))
			m.Dup = i > 0
			d1.send(m)
			d1.wantAck(packet.TypePuback, 5, packet.Success)
			if p := app.receive(); string(p.Payload) != fmt.Sprint(i) || p.Dup {
				t.Errorf("message %d: %+v", i, p)
			}
		}
	})
}

// TestPropertiesPass: what a publisher says of its message reaches subscribers as it was, user properties in order.
func TestPropertiesPass(t *testing.T) {
	fake := newFake()
	w := newWorldAt(t, nil, broker.Limits{}, fake)
	app := w.account(packet.V5, "app", lasting, func(p *packet.Connect) { p.KeepAlive = 0 })
	app.subscribe("things/+/telemetry/#", "things/+/event")
	d1 := w.device(packet.V5, "d1", func(p *packet.Connect) {
		p.Will = &packet.Will{Topic: protocol.EventTopic("d1"), Payload: []byte("lost"), QoS: 1}
		for i := range 5 {
			_ = p.Will.Properties.AddUser("k", fmt.Sprint(i))
		}
	})
	fill := func(p *packet.Properties) {
		_ = p.SetUint(packet.PropPayloadFormat, 1)
		_ = p.SetUint(packet.PropMessageExpiry, 100)
		_ = p.SetText(packet.PropContentType, "\ufefftext/plain")
		_ = p.SetText(packet.PropResponseTopic, "answers/\u00e9/e\u0301")
		_ = p.SetBytes(packet.PropCorrelationData, []byte{0, 1, 255})
		for i := range 5 {
			_ = p.AddUser("k", fmt.Sprint(i))
		}
	}
	users := func(p *packet.Publish) (out []string) {
		for k, v := range p.Properties.Users() {
			out = append(out, string(k)+string(v))
		}
		return out
	}
	order := []string{"k0", "k1", "k2", "k3", "k4"}
	send := func() {
		m := message(1, temperature, "x")
		fill(&m.Properties)
		d1.send(m)
		d1.wantAck(packet.TypePuback, 1, packet.Success)
	}
	check := func(p *packet.Publish, least, most uint32) {
		t.Helper()
		format, _ := p.Properties.Uint(packet.PropPayloadFormat)
		left, _ := p.Properties.Uint(packet.PropMessageExpiry)
		if format != 1 || left < least || left > most || p.Properties.Text(packet.PropContentType) != "\ufefftext/plain" || p.Properties.Text(packet.PropResponseTopic) != "answers/\u00e9/e\u0301" ||
			p.Properties.Text(packet.PropCorrelationData) != "\x00\x01\xff" || !slices.Equal(users(p), order) {
			t.Errorf("%+v, %d left", p, left)
		}
	}
	send()
	check(app.receive(), 100, 100)
	app.send(&packet.Disconnect{})
	app.gone()
	eventually(t, func() bool { return w.b.Stats().Away == 1 })
	send()
	_ = d1.nc.Close()
	eventually(t, func() bool { return w.b.Stats().Connections == 0 })
	fake.Advance(40 * time.Second)
	app = w.account(packet.V5, "app", lasting, func(p *packet.Connect) { p.KeepAlive = 0 })
	check(app.receive(), 59, 60)
	if p := app.receive(); string(p.Payload) != "lost" || !slices.Equal(users(p), order) {
		t.Errorf("will: %+v", p)
	}
}

// TestNamesAreNotNormalized: U+FEFF stays, and two spellings of one letter are two topics.
func TestNamesAreNotNormalized(t *testing.T) {
	both(t, func(t *testing.T, v packet.Version) {
		w := newWorld(t, nil, broker.Limits{})
		streams := map[string]fleet.Stream{"\ufeffx": {}, "x": {}, "\u00e9": {}, "e\u0301": {}, "X": {}}
		w.people.set(broker.Client{Kind: "device", ID: "d1", State: fleet.Active, Type: &fleet.DeviceType{Name: "odd", Version: "1", Streams: streams}})
		d1 := w.device(v, "d1")
		for name := range streams {
			topic := protocol.TelemetryTopic("d1", name)
			app := w.account(v, "app")
			app.subscribe(topic)
			for other := range streams {
				d1.publish(0, protocol.TelemetryTopic("d1", other), other)
			}
			d1.ping()
			if p := app.receive(); string(p.Topic) != topic || string(p.Payload) != name {
				t.Errorf("%q: %+v", name, p)
			}
			app.ping()
			app.send(&packet.Disconnect{})
			app.gone()
		}
	})
}

// TestRetainIsKeptApart: what is retained changes only by RETAIN; QoS 0 replaces it; nothing is retained of an empty payload; and
// it outlives the session of its publisher.
func TestRetainIsKeptApart(t *testing.T) {
	both(t, func(t *testing.T, v packet.Version) {
		w := newWorld(t, nil, broker.Limits{})
		d1 := w.device(v, "d1")
		kept := func() string {
			app := w.account(v, "app")
			defer func() { app.send(&packet.Disconnect{}); app.gone() }()
			if w.b.Stats().Retained == 0 { // then nothing may come, also after the answer to a ping
				app.subscribe(temperature)
				app.ping()
				return ""
			}
			app.subscribe(temperature)
			p := app.receive()
			if !p.Retain {
				t.Errorf("%+v", p)
			}
			return string(p.Payload)
		}
		step := func(m *packet.Publish, want string) {
			t.Helper()
			d1.send(m)
			if m.QoS > 0 {
				d1.wantAck(packet.TypePuback, m.PacketID, packet.Success)
			}
			d1.ping()
			eventually(t, func() bool { return kept() == want })
		}
		step(message(1, temperature, "passing"), "")
		step(retained(1, temperature, "one"), "one")
		step(message(1, temperature, "passing"), "one")
		step(message(0, temperature, ""), "one")
		step(retained(0, temperature, "two"), "two")
		d1.send(&packet.Disconnect{})
		d1.gone()
		d1 = w.device(v, "d1")
		if got := kept(); got != "two" {
			t.Errorf("%q after its publisher's session ended", got)
		}
		watching := w.account(v, "operator")
		watching.subscribeAt(1, temperature)
		watching.receive()
		step(retained(0, temperature, ""), "")
		if p := watching.receive(); len(p.Payload) > 0 || p.Retain {
			t.Errorf("%+v", p)
		}
		if n := w.b.Stats().Retained; n != 0 {
			t.Errorf("%d retained", n)
		}
	})
}

// TestWillIsRetainedAsAsked, published once, and on DISCONNECT with will.
func TestWillIsRetainedAsAsked(t *testing.T) {
	both(t, func(t *testing.T, v packet.Version) {
		w := newWorld(t, nil, broker.Limits{})
		app := w.account(v, "app")
		app.subscribe(protocol.EventTopic("d1"))
		for _, retain := range []bool{false, true} {
			d1 := w.device(v, "d1", func(p *packet.Connect) {
				p.Will = &packet.Will{Topic: protocol.EventTopic("d1"), Payload: []byte("lost"), Retain: retain}
			})
			if v >= packet.V5 {
				d1.send(&packet.Disconnect{Code: packet.DisconnectWithWill})
			}
			_ = d1.nc.Close()
			if p := app.receive(); string(p.Payload) != "lost" {
				t.Errorf("%+v", p)
			}
			eventually(t, func() bool { return (w.b.Stats().Retained == 1) == retain })
		}
		d1 := w.device(v, "d1") // no will
		_ = d1.nc.Close()
		eventually(t, func() bool { return w.b.Stats().Connections == 1 })
		app.ping()
	})
}

// TestSubscribedAgain: the same filter replaces the subscription, and what is retained comes again.
func TestSubscribedAgain(t *testing.T) {
	both(t, func(t *testing.T, v packet.Version) {
		w := newWorld(t, nil, broker.Limits{})
		app, d1 := w.account(v, "app"), w.device(v, "d1")
		d1.send(retained(1, temperature, "kept"))
		d1.wantAck(packet.TypePuback, 1, packet.Success)
		for qos := range byte(2) {
			app.subscribeAt(qos, temperature)
			if p := app.receive(); string(p.Payload) != "kept" || p.QoS != qos {
				t.Errorf("%+v", p)
			}
		}
		d1.store(temperature, "live")
		if p := app.receive(); p.QoS != 1 {
			t.Errorf("%+v", p)
		}
		app.ping() // one copy
	})
}

// TestFullWindowLetsOtherPacketsPass: at a send quota of 0 everything but PUBLISH of QoS 1 and 2 goes on.
func TestFullWindowLetsOtherPacketsPass(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	app := w.account(packet.V5, "app", window(1))
	app.subscribeAt(2, "things/+/telemetry/#")
	d1 := w.device(packet.V5, "d1")
	d1.store(temperature, "0", "1", "2")
	first := slowly(app)
	app.ping()
	d1.publish(0, temperature, "QoS 0")
	if p := slowly(app); string(p.Payload) != "QoS 0" {
		t.Errorf("%+v", p)
	}
	app.subscribeAt(0, "things/+/event")
	app.send(&packet.Unsubscribe{PacketID: 3, Filters: []string{"things/+/event"}})
	want[*packet.Unsuback](app)
	app.ack(packet.TypePuback, first.PacketID)
	for i := 1; i < 3; i++ {
		if p := app.receive(); string(p.Payload) != fmt.Sprint(i) {
			t.Errorf("%+v", p)
		}
	}
}

// TestAliasesEndWithTheirConnection, and every alias up to the maximum is taken.
func TestAliasesEndWithTheirConnection(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	d1, ack := w.connect(packet.V5, protocol.SubjectDevice, "d1", lasting)
	most, _ := ack.Properties.Uint(packet.PropTopicAliasMaximum)
	app := w.account(packet.V5, "app")
	app.subscribe(temperature)
	for _, topic := range []string{temperature, ""} {
		for alias := uint32(1); alias <= most; alias++ {
			m := message(0, topic, "x")
			_ = m.Properties.SetUint(packet.PropTopicAlias, alias)
			d1.send(m)
			app.receive()
		}
	}
	d1 = w.device(packet.V5, "d1", lasting)
	m := message(0, "", "x")
	_ = m.Properties.SetUint(packet.PropTopicAlias, 1)
	d1.send(m)
	if d := d1.gone(); d == nil || d.Code != packet.TopicAliasInvalid {
		t.Errorf("DISCONNECT %+v", d)
	}
}

// TestBegunExchangesDoNotExpire: expiry ends with the first PUBLISH of QoS 2, at both ends.
func TestBegunExchangesDoNotExpire(t *testing.T) {
	fake := newFake()
	w := newWorldAt(t, nil, broker.Limits{}, fake)
	patient := func(p *packet.Connect) { p.KeepAlive = 0 }
	app, d1 := w.account(packet.V5, "app", lasting, patient), w.device(packet.V5, "d1", patient)
	app.subscribeAt(2, temperature)
	m := exact(1, temperature, "short")
	_ = m.Properties.SetUint(packet.PropMessageExpiry, 5)
	d1.send(m)
	d1.wantAck(packet.TypePubrec, 1, packet.Success)
	first := slowly(app)
	_ = app.nc.Close()
	eventually(t, func() bool { return w.b.Stats().Away == 1 })
	fake.Advance(10 * time.Second)
	d1.ack(packet.TypePubrel, 1)
	d1.wantAck(packet.TypePubcomp, 1, packet.Success)
	app = w.account(packet.V5, "app", lasting, patient)
	if p := app.receiveExact(); p.PacketID != first.PacketID || !p.Dup || string(p.Payload) != "short" {
		t.Errorf("%+v", p)
	}
}

// TestOverlapping: one copy at the highest QoS of the subscriptions that match.
func TestOverlapping(t *testing.T) {
	both(t, func(t *testing.T, v packet.Version) {
		w := newWorld(t, nil, broker.Limits{})
		app, d1 := w.account(v, "app"), w.device(v, "d1")
		app.subscribeAt(0, temperature)
		app.subscribeAt(2, "things/+/telemetry/#")
		app.subscribeAt(1, "things/d1/telemetry/+")
		d1.deliver(1, temperature, "x")
		app.receiveExact()
		app.ping()
	})
}
