package broker_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/broker"
	"github.com/thingward/thingward/server/broker/packet"
)

// These tests prove normative statements of MQTT 5.0 and 3.1.1 that no other test does, through the real listener and byte by
// byte where it matters. The folder conformance has the table of all statements with the tests that prove them.

// offStandard are packets that must end the connection, with the code that MQTT 5.0 is told. 3.1.1 has none.
var offStandard = []struct {
	name     string
	v5, v311 string // bytes; empty: not of this version
	code     packet.ReasonCode
}{
	{"type 0", "\x00\x00", "\x00\x00", packet.MalformedPacket},
	{"type 15 of 3.1.1", "", "\xf0\x00", packet.ProtocolError},
	{"length of five bytes", "\xc0\x80\x80\x80\x80\x01", "\xc0\x80\x80\x80\x80\x01", packet.MalformedPacket},
	{"length not the shortest", "\xc0\x80\x00", "", packet.MalformedPacket},
	{"reserved flags", "\xc1\x00", "\xc1\x00", packet.MalformedPacket},
	{"QoS 3", "\x36\x06\x00\x01t\x00\x01\x00", "\x36\x05\x00\x01t\x00\x01", packet.MalformedPacket},
	{"DUP at QoS 0", "\x38\x04\x00\x01t\x00", "\x38\x03\x00\x01t", packet.MalformedPacket},
	{"topic not UTF-8", "\x30\x04\x00\x01\xff\x00", "\x30\x03\x00\x01\xff", packet.MalformedPacket},
	{"topic with a surrogate", "\x30\x06\x00\x03\xed\xa0\x80\x00", "\x30\x05\x00\x03\xed\xa0\x80", packet.MalformedPacket},
	{"topic with U+0000", "\x30\x05\x00\x02a\x00\x00", "\x30\x04\x00\x02a\x00", packet.MalformedPacket},
	{"topic with a wildcard", "\x30\x06\x00\x03a/#\x00", "\x30\x05\x00\x03a/+", packet.MalformedPacket},
	{"topic empty", "\x30\x03\x00\x00\x00", "\x30\x02\x00\x00", packet.ProtocolError},
	{"identifier 0", "\x32\x06\x00\x01t\x00\x00\x00", "\x32\x05\x00\x01t\x00\x00", packet.ProtocolError},
	{"topic alias 0", "\x30\x07\x00\x01t\x03\x23\x00\x00", "", packet.TopicAliasInvalid},
	{"topic alias above the maximum", "\x30\x07\x00\x01t\x03\x23\x00\x11", "", packet.TopicAliasInvalid},
	{"response topic with a wildcard", "\x30\x08\x00\x01t\x04\x08\x00\x01#", "", packet.MalformedPacket},
	{"response topic not UTF-8", "\x30\x08\x00\x01t\x04\x08\x00\x01\xff", "", packet.MalformedPacket},
	{"content type not UTF-8", "\x30\x08\x00\x01t\x04\x03\x00\x01\xff", "", packet.MalformedPacket},
	{"user property not UTF-8", "\x30\x0b\x00\x01t\x07\x26\x00\x01k\x00\x01\xff", "", packet.MalformedPacket},
	{"subscription identifier from a client", "\x30\x06\x00\x01t\x02\x0b\x01", "", packet.ProtocolError},
	{"PUBREL flags", "\x60\x02\x00\x01", "\x60\x02\x00\x01", packet.MalformedPacket},
	{"PUBREL code", "\x62\x03\x00\x01\x80", "", packet.ProtocolError},
	{"PUBACK code", "\x40\x03\x00\x01\x01", "", packet.ProtocolError},
	{"PUBREC code", "\x50\x03\x00\x01\x92", "", packet.ProtocolError},
	{"PUBCOMP code", "\x70\x03\x00\x01\x10", "", packet.ProtocolError},
	{"SUBSCRIBE flags", "\x80\x07\x00\x01\x00\x00\x01a\x00", "\x80\x06\x00\x01\x00\x01a\x00", packet.MalformedPacket},
	{"SUBSCRIBE of nothing", "\x82\x03\x00\x01\x00", "\x82\x02\x00\x01", packet.ProtocolError},
	{"filter not UTF-8", "\x82\x07\x00\x01\x00\x00\x01\xff\x00", "\x82\x06\x00\x01\x00\x01\xff\x00", packet.MalformedPacket},
	{"filter empty", "\x82\x06\x00\x01\x00\x00\x00\x00", "\x82\x05\x00\x01\x00\x00\x00", packet.MalformedPacket},
	{"filter a#", "\x82\x08\x00\x01\x00\x00\x02a#\x00", "\x82\x07\x00\x01\x00\x02a#\x00", packet.MalformedPacket},
	{"filter #/a", "\x82\x09\x00\x01\x00\x00\x03#/a\x00", "\x82\x08\x00\x01\x00\x03#/a\x00", packet.MalformedPacket},
	{"filter a+", "\x82\x08\x00\x01\x00\x00\x02a+\x00", "\x82\x07\x00\x01\x00\x02a+\x00", packet.MalformedPacket},
	{"reserved subscription options", "\x82\x07\x00\x01\x00\x00\x01a\x40", "\x82\x06\x00\x01\x00\x01a\x04", packet.MalformedPacket},
	{"subscription at QoS 3", "\x82\x07\x00\x01\x00\x00\x01a\x03", "", packet.ProtocolError},
	{"subscription at QoS 3 of 3.1.1", "", "\x82\x06\x00\x01\x00\x01a\x03", packet.MalformedPacket},
	{"retain handling 3", "\x82\x07\x00\x01\x00\x00\x01a\x30", "", packet.ProtocolError},
	{"share without a name", "\x82\x10\x00\x01\x00\x00\x0a$share//ab\x00", "\x82\x0f\x00\x01\x00\x0a$share//ab\x00", packet.ProtocolError},
	{"share without a filter", "\x82\x0e\x00\x01\x00\x00\x08$share/g\x00", "\x82\x0d\x00\x01\x00\x08$share/g\x00", packet.ProtocolError},
	{"share with a wildcard for a name", "\x82\x10\x00\x01\x00\x00\x0a$share/+/a\x00", "\x82\x0f\x00\x01\x00\x0a$share/+/a\x00", packet.ProtocolError},
	{"UNSUBSCRIBE flags", "\xa0\x06\x00\x01\x00\x00\x01a", "\xa0\x05\x00\x01\x00\x01a", packet.MalformedPacket},
	{"UNSUBSCRIBE of nothing", "\xa2\x03\x00\x01\x00", "\xa2\x02\x00\x01", packet.ProtocolError},
	{"UNSUBSCRIBE filter not UTF-8", "\xa2\x06\x00\x01\x00\x00\x01\xff", "\xa2\x05\x00\x01\x00\x01\xff", packet.MalformedPacket},
	{"DISCONNECT flags", "\xe1\x00", "\xe1\x00", packet.MalformedPacket},
	{"DISCONNECT code", "\xe0\x01\x01", "", packet.ProtocolError},
	{"AUTH flags", "\xf1\x00", "", packet.MalformedPacket},
	{"AUTH code", "\xf0\x06\x87\x04\x15\x00\x01m", "", packet.ProtocolError},
	{"AUTH without a method in CONNECT", "\xf0\x06\x18\x04\x15\x00\x01m", "", packet.ProtocolError},
	{"a second CONNECT", "\x10\x0e\x00\x04MQTT\x05\x02\x00\x00\x00\x00\x01a", "\x10\x0d\x00\x04MQTT\x04\x02\x00\x00\x00\x01a", packet.ProtocolError},
	{"a packet of the server's", "\xd0\x00", "\xd0\x00", packet.ProtocolError},
}

// TestOffTheStandard sends each of them on a connection of its own. DISCONNECT is the last that comes, then the connection ends.
func TestOffTheStandard(t *testing.T) {
	both(t, func(t *testing.T, v packet.Version) {
		w := newWorld(t, nil, broker.Limits{SessionsPerDevice: 1000})
		for _, x := range offStandard {
			bytes := x.v5
			if v < packet.V5 {
				bytes = x.v311
			}
			if bytes == "" {
				continue
			}
			c := w.device(v, "d1")
			c.raw([]byte(bytes))
			if v >= packet.V5 {
				if d, ok := c.next().(*packet.Disconnect); !ok || d.Code != x.code {
					t.Errorf("%s: %+v, want %s", x.name, d, x.code)
				} else if d.Properties.Has(packet.PropSessionExpiry) {
					t.Errorf("%s: DISCONNECT with session expiry", x.name)
				}
			}
			if p := c.next(); p != nil {
				t.Errorf("%s: then came %T", x.name, p)
			}
		}
	})
}

// badConnects are first packets that are refused: the answer, "" for none.
var badConnects = []struct{ name, bytes, answer string }{
	{"not CONNECT", "\xc0\x00", ""},
	{"another protocol", "\x10\x0e\x00\x04AMQP\x05\x02\x00\x00\x00\x00\x01a", "\x20\x03\x00\x81"},
	{"version 6", "\x10\x0e\x00\x04MQTT\x06\x02\x00\x00\x00\x00\x01a", "\x20\x03\x00\x84"},
	{"version 3.1", "\x10\x0f\x00\x06MQIsdp\x03\x02\x00\x00\x00\x01a", "\x20\x02\x00\x01"},
	{"reserved flag", "\x10\x0e\x00\x04MQTT\x05\x03\x00\x00\x00\x00\x01a", "\x20\x03\x00\x81"},
	{"reserved flag, 3.1.1", "\x10\x0d\x00\x04MQTT\x04\x03\x00\x00\x00\x01a", ""},
	{"will QoS 3", "\x10\x13\x00\x04MQTT\x05\x1e\x00\x00\x00\x00\x01a\x00\x00\x01w\x00\x00", "\x20\x03\x00\x81"},
	{"will QoS 3, 3.1.1", "\x10\x11\x00\x04MQTT\x04\x1e\x00\x00\x00\x01a\x00\x01w\x00\x00", ""},
	{"will QoS without will", "\x10\x0e\x00\x04MQTT\x05\x0a\x00\x00\x00\x00\x01a", "\x20\x03\x00\x81"},
	{"will QoS without will, 3.1.1", "\x10\x0d\x00\x04MQTT\x04\x0a\x00\x00\x00\x01a", ""},
	{"will retain without will", "\x10\x0e\x00\x04MQTT\x05\x22\x00\x00\x00\x00\x01a", "\x20\x03\x00\x81"},
	{"will retain without will, 3.1.1", "\x10\x0d\x00\x04MQTT\x04\x22\x00\x00\x00\x01a", ""},
	{"will missing", "\x10\x0e\x00\x04MQTT\x05\x06\x00\x00\x00\x00\x01a", "\x20\x03\x00\x81"},
	{"will missing, 3.1.1", "\x10\x0d\x00\x04MQTT\x04\x06\x00\x00\x00\x01a", ""},
	{"will topic not UTF-8", "\x10\x14\x00\x04MQTT\x05\x06\x00\x00\x00\x00\x01a\x00\x00\x01\xff\x00\x01x", "\x20\x03\x00\x81"},
	{"will topic not UTF-8, 3.1.1", "\x10\x12\x00\x04MQTT\x04\x06\x00\x00\x00\x01a\x00\x01\xff\x00\x01x", ""},
	{"user name without flag", "\x10\x11\x00\x04MQTT\x05\x02\x00\x00\x00\x00\x01a\x00\x01u", "\x20\x03\x00\x81"},
	{"user name without flag, 3.1.1", "\x10\x10\x00\x04MQTT\x04\x02\x00\x00\x00\x01a\x00\x01u", ""},
	{"user name missing", "\x10\x0e\x00\x04MQTT\x05\x82\x00\x00\x00\x00\x01a", "\x20\x03\x00\x81"},
	{"user name missing, 3.1.1", "\x10\x0d\x00\x04MQTT\x04\x82\x00\x00\x00\x01a", ""},
	{"user name not UTF-8", "\x10\x11\x00\x04MQTT\x05\x82\x00\x00\x00\x00\x01a\x00\x01\xff", "\x20\x03\x00\x81"},
	{"user name not UTF-8, 3.1.1", "\x10\x10\x00\x04MQTT\x04\x82\x00\x00\x00\x01a\x00\x01\xff", ""},
	{"password missing", "\x10\x0e\x00\x04MQTT\x05\x42\x00\x00\x00\x00\x01a", "\x20\x03\x00\x81"},
	{"password missing, 3.1.1", "\x10\x10\x00\x04MQTT\x04\xc2\x00\x00\x00\x01a\x00\x01u", ""},
	{"password without user name, 3.1.1", "\x10\x10\x00\x04MQTT\x04\x42\x00\x00\x00\x01a\x00\x01p", ""},
	{"no client id at all", "\x10\x0b\x00\x04MQTT\x05\x02\x00\x00\x00", "\x20\x03\x00\x81"},
	{"no client id at all, 3.1.1", "\x10\x0a\x00\x04MQTT\x04\x02\x00\x00", ""},
	{"client id not UTF-8", "\x10\x0e\x00\x04MQTT\x05\x02\x00\x00\x00\x00\x01\xff", "\x20\x03\x00\x81"},
	{"client id not UTF-8, 3.1.1", "\x10\x0d\x00\x04MQTT\x04\x02\x00\x00\x00\x01\xff", ""},
	{"client id U+0000", "\x10\x0e\x00\x04MQTT\x05\x02\x00\x00\x00\x00\x01\x00", "\x20\x03\x00\x81"},
	{"empty client id that lasts, 3.1.1", "\x10\x0c\x00\x04MQTT\x04\x00\x00\x00\x00\x00", "\x20\x02\x00\x02"},
	{"receive maximum 0", "\x10\x11\x00\x04MQTT\x05\x02\x00\x00\x03\x21\x00\x00\x00\x01a", "\x20\x03\x00\x82"},
	{"authentication method", "\x10\x12\x00\x04MQTT\x05\x02\x00\x00\x04\x15\x00\x01m\x00\x01a", "\x20\x03\x00\x8c"},
}

// TestBadConnects: what is wrong is answered with a code where there is one for it, and the connection ends. Nothing that came
// behind CONNECT is looked at.
func TestBadConnects(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	behind, _ := retained(0, temperature, "behind").Append(nil, packet.V5)
	for _, x := range badConnects {
		c, err := w.dial(packet.V5, w.cert(protocol.SubjectDevice, "d1"), "127.0.0.1")
		if err != nil {
			t.Fatal(err)
		}
		c.raw(append([]byte(x.bytes), behind...))
		_ = c.nc.SetReadDeadline(time.Now().Add(patience))
		got := make([]byte, 0, 512)
		for b := make([]byte, 512); ; {
			n, err := c.r.Read(b)
			got = append(got, b[:n]...)
			if err != nil {
				break
			}
		}
		want := x.answer
		if strings.HasPrefix(want, "\x20\x03") { // with properties
			want = want[2:]
			got = got[min(2, len(got)):]
			if len(got) == 0 || !strings.HasPrefix(string(got), want) {
				t.Errorf("%s: answered % x", x.name, got)
			}
			continue
		}
		if string(got) != want {
			t.Errorf("%s: answered % x, want % x", x.name, got, want)
		}
	}
	if st := w.b.Stats(); st.Messages != 0 || st.Retained != 0 || st.Sessions != 0 {
		t.Errorf("%+v", st)
	}
}

// TestAnswersFitTheClient: reason strings are left out where they would take a packet past the client's Maximum Packet Size, and
// a message that is too large counts as delivered.
func TestAnswersFitTheClient(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	small := func(p *packet.Connect) { _ = p.Properties.SetUint(packet.PropMaximumPacketSize, 20) }
	size := func(p packet.Packet) int {
		b, err := p.Append(nil, packet.V5)
		if err != nil {
			t.Fatal(err)
		}
		return len(b)
	}
	if _, ack := w.connect(packet.V5, protocol.SubjectAccount, "auditor", small); ack.Code != packet.NotAuthorized || size(ack) > 20 {
		t.Errorf("CONNACK %+v", ack)
	}
	d1 := w.device(packet.V5, "d1", func(p *packet.Connect) { _ = p.Properties.SetUint(packet.PropMaximumPacketSize, 40) })
	d1.raw([]byte("\x00\x00"))
	if d := d1.gone(); d == nil || size(d) > 40 {
		t.Errorf("DISCONNECT %+v", d)
	}
}

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
			app.subscribe(temperature)
			app.send(packet.Pingreq{})
			if p, ok := app.next().(*packet.Publish); ok {
				if !p.Retain {
					t.Errorf("%+v", p)
				}
				return string(p.Payload)
			}
			return ""
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
