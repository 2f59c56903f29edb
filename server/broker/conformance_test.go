package broker_test

import (
	"strings"
	"testing"
	"time"

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
