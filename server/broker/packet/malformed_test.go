package packet

import (
	"bytes"
	"errors"
	"testing"

	"github.com/eclipse/paho.golang/packets"
)

// refusal is a packet that must be refused, with the clause that it breaks.
type refusal struct {
	name   string
	v      Version
	bytes  string
	clause string
	code   ReasonCode
	// laxer says that the other decoder, which knows 5.0 only, takes the packet. The list documents where we are stricter.
	laxer bool
}

const (
	strict = false
	laxer  = true
)

var frameRefusals = []refusal{
	{"reserved type 0", V5, `00 00`, "MQTT5 section 2.1.2", MalformedPacket, strict},
	{"length of five bytes", V5, `c0 80808080 00`, "MQTT5 section 1.5.5", MalformedPacket, laxer},
	{"length not shortest", V5, `c0 8000`, "MQTT-1.5.5-1", MalformedPacket, laxer},
	{"connect flags", V5, `11 ~ "MQTT" 05 02 0000 00 "a"`, "MQTT-2.1.3-1", MalformedPacket, laxer},
	{"connack flags", V5, `21 03 00 00 00`, "MQTT-2.1.3-1", MalformedPacket, laxer},
	{"publish QoS 3", V5, `36 ~ "t" 0001 00`, "MQTT-3.3.1-4", MalformedPacket, laxer},
	{"publish QoS 3", V311, `36 ~ "t" 0001`, "MQTT-3.3.1-4", MalformedPacket, strict},
	{"publish dup QoS 0", V5, `38 ~ "t" 00`, "MQTT-3.3.1-2", MalformedPacket, laxer},
	{"puback flags", V5, `42 02 0001`, "MQTT-2.1.3-1", MalformedPacket, laxer},
	{"pubrel flags", V5, `60 02 0001`, "MQTT-3.6.1-1", MalformedPacket, laxer},
	{"subscribe flags", V5, `80 ~ 0001 00 "a" 00`, "MQTT-3.8.1-1", MalformedPacket, laxer},
	{"suback flags", V5, `9f 04 0001 00 00`, "MQTT-2.1.3-1", MalformedPacket, laxer},
	{"unsubscribe flags", V5, `a0 ~ 0001 00 "a"`, "MQTT-3.10.1-1", MalformedPacket, laxer},
	{"pingreq flags", V311, `c1 00`, "MQTT-2.1.3-1", MalformedPacket, strict},
	{"disconnect flags", V5, `e1 01 00`, "MQTT-3.14.1-1", MalformedPacket, laxer},
	{"auth flags", V5, `f1 00`, "MQTT-3.15.1-1", MalformedPacket, laxer},
	{"pingreq body", V5, `c0 01 00`, "MQTT5 section 4.13", MalformedPacket, laxer},
	{"pingresp body", V5, `d0 01 00`, "MQTT5 section 4.13", MalformedPacket, laxer},
}

var connectRefusals = []refusal{
	{"empty body", V5, `10 00`, "MQTT5 section 4.13", MalformedPacket, strict},
	{"MQTT 3.1", V5, `10 ~ "MQIsdp" 03 02 0000 "a"`, "MQTT-3.1.2-2", UnsupportedProtocolVersion, strict},
	{"version 6", V5, `10 ~ "MQTT" 06 02 0000 00 "a"`, "MQTT-3.1.2-2", UnsupportedProtocolVersion, laxer},
	{"version 3 under the new name", V5, `10 ~ "MQTT" 03 02 0000 "a"`, "MQTT-3.1.2-2", UnsupportedProtocolVersion, strict},
	{"bridge bit", V5, `10 ~ "MQTT" 84 02 0000 "a"`, "MQTT-3.1.2-2", UnsupportedProtocolVersion, strict},
	{"other protocol", V5, `10 ~ "AMQP" 05 02 0000 00 "a"`, "MQTT-3.1.2-1", MalformedPacket, laxer},
	{"old name with new level", V5, `10 ~ "MQIsdp" 05 02 0000 00 "a"`, "MQTT-3.1.2-1", MalformedPacket, laxer},
	{"reserved flag", V5, `10 ~ "MQTT" 05 03 0000 00 "a"`, "MQTT-3.1.2-3", MalformedPacket, laxer},
	{"reserved flag", V311, `10 ~ "MQTT" 04 03 0000 "a"`, "MQTT-3.1.2-3", MalformedPacket, strict},
	{"will QoS 3", V5, `10 ~ "MQTT" 05 1e 0000 00 "a" 00 "w" ""`, "MQTT-3.1.2-12", MalformedPacket, laxer},
	{"will QoS 3", V311, `10 ~ "MQTT" 04 1e 0000 "a" "w" ""`, "MQTT-3.1.2-14", MalformedPacket, strict},
	{"will QoS without will", V5, `10 ~ "MQTT" 05 0a 0000 00 "a"`, "MQTT-3.1.2-11", MalformedPacket, laxer},
	{"will QoS without will", V311, `10 ~ "MQTT" 04 0a 0000 "a"`, "MQTT-3.1.2-13", MalformedPacket, strict},
	{"will retain without will", V5, `10 ~ "MQTT" 05 22 0000 00 "a"`, "MQTT-3.1.2-13", MalformedPacket, laxer},
	{"will retain without will", V311, `10 ~ "MQTT" 04 22 0000 "a"`, "MQTT-3.1.2-15", MalformedPacket, strict},
	{"password without user", V311, `10 ~ "MQTT" 04 42 0000 "a" "p"`, "MQTT-3.1.2-22", MalformedPacket, strict},
	{"no identifier, kept session", V311, `10 ~ "MQTT" 04 00 0000 ""`, "MQTT-3.1.3-8", ClientIdentifierNotValid, strict},
	{"identifier with U+0000", V5, `10 ~ "MQTT" 05 02 0000 00 0001 00`, "MQTT-1.5.4-2", MalformedPacket, laxer},
	{"identifier with U+0000", V311, `10 ~ "MQTT" 04 02 0000 0001 00`, "MQTT-1.5.3-2", MalformedPacket, strict},
	{"user name not UTF-8", V5, `10 ~ "MQTT" 05 82 0000 00 "a" 0001 ff`, "MQTT-1.5.4-1", MalformedPacket, laxer},
	{"user name with surrogate", V311, `10 ~ "MQTT" 04 82 0000 "a" 0003 eda080`, "MQTT-1.5.3-1", MalformedPacket, strict},
	{"will topic empty", V5, `10 ~ "MQTT" 05 06 0000 00 "a" 00 "" "x"`, "MQTT-4.7.3-1", MalformedPacket, laxer},
	{"will topic wildcard", V5, `10 ~ "MQTT" 05 06 0000 00 "a" 00 "a/#" "x"`, "MQTT-3.3.2-2", MalformedPacket, laxer},
	{"will missing", V311, `10 ~ "MQTT" 04 06 0000 "a"`, "MQTT 3.1.1 section 4.8", MalformedPacket, strict},
	{"user name missing", V5, `10 ~ "MQTT" 05 82 0000 00 "a"`, "MQTT5 section 4.13", MalformedPacket, strict},
	{"trailing byte", V5, `10 ~ "MQTT" 05 02 0000 00 "a" 00`, "MQTT5 section 4.13", MalformedPacket, laxer},
	{"trailing byte", V311, `10 ~ "MQTT" 04 02 0000 "a" 00`, "MQTT 3.1.1 section 4.8", MalformedPacket, strict},
	{"receive maximum 0", V5, `10 ~ "MQTT" 05 02 0000 03 21 0000 "a"`, "MQTT5 section 3.1.2.11.3", ProtocolError, laxer},
	{"receive maximum twice", V5, `10 ~ "MQTT" 05 02 0000 06 21 0001 21 0001 "a"`, "MQTT5 section 3.1.2.11.3", ProtocolError, laxer},
	{"maximum packet size 0", V5, `10 ~ "MQTT" 05 02 0000 05 27 00000000 "a"`, "MQTT5 section 3.1.2.11.4", ProtocolError, laxer},
	{"request problem information 2", V5, `10 ~ "MQTT" 05 02 0000 02 17 02 "a"`, "MQTT5 section 3.1.2.11.7", ProtocolError, laxer},
	{"request response information 2", V5, `10 ~ "MQTT" 05 02 0000 02 19 02 "a"`, "MQTT5 section 3.1.2.11.6", ProtocolError, laxer},
	{"authentication data alone", V5, `10 ~ "MQTT" 05 02 0000 04 16 "d" "a"`, "MQTT5 section 3.1.2.11.10", ProtocolError, laxer},
	{"will delay outside the will", V5, `10 ~ "MQTT" 05 02 0000 05 18 00000001 "a"`, "MQTT5 section 2.2.2.2", MalformedPacket, laxer},
	{"receive maximum in the will", V5, `10 ~ "MQTT" 05 06 0000 00 "a" 03 21 0001 "w" "x"`, "MQTT5 section 2.2.2.2", MalformedPacket, laxer},
	{"will payload format 2", V5, `10 ~ "MQTT" 05 06 0000 00 "a" 02 01 02 "w" "x"`, "MQTT5 section 3.3.2.3.2", ProtocolError, laxer},
}

var messageRefusals = []refusal{
	{"no topic", V5, `30 00`, "MQTT5 section 4.13", MalformedPacket, strict},
	{"topic cut", V311, `30 ~ 0005 'ab'`, "MQTT 3.1.1 section 4.8", MalformedPacket, strict},
	{"topic +", V5, `30 ~ "a/+" 00`, "MQTT-3.3.2-2", MalformedPacket, laxer},
	{"topic #", V311, `30 ~ "#"`, "MQTT-3.3.2-2", MalformedPacket, strict},
	{"topic U+0000", V311, `30 ~ 0002 6100`, "MQTT-1.5.3-2", MalformedPacket, strict},
	{"topic overlong UTF-8", V5, `30 ~ 0002 c0af 00`, "MQTT-1.5.4-1", MalformedPacket, laxer},
	{"topic empty", V311, `30 ~ ""`, "MQTT-4.7.3-1", ProtocolError, strict},
	{"topic empty without alias", V5, `30 ~ "" 00`, "MQTT5 section 3.3.2.1", ProtocolError, laxer},
	{"packet identifier 0", V5, `32 ~ "t" 0000 00`, "MQTT-2.2.1-3", ProtocolError, laxer},
	{"packet identifier 0", V311, `32 ~ "t" 0000`, "MQTT-2.3.1-1", ProtocolError, strict},
	{"packet identifier missing", V311, `32 ~ "t"`, "MQTT 3.1.1 section 4.8", MalformedPacket, strict},
	{"no property length", V5, `30 ~ "t"`, "MQTT5 section 4.13", MalformedPacket, strict},
	{"property length past the end", V5, `30 ~ "t" 05 01`, "MQTT5 section 4.13", MalformedPacket, strict},
	{"property length not shortest", V5, `30 ~ "t" 8000`, "MQTT-1.5.5-1", MalformedPacket, laxer},
	{"property length of five bytes", V5, `30 ~ "t" 8080808000`, "MQTT5 section 1.5.5", MalformedPacket, laxer},
	{"property cut", V5, `30 ~ "t" 02 02 00`, "MQTT5 section 4.13", MalformedPacket, strict},
	{"property 0", V5, `30 ~ "t" 01 00`, "MQTT5 section 2.2.2.2", MalformedPacket, strict},
	{"property unknown", V5, `30 ~ "t" 02 04 00`, "MQTT5 section 2.2.2.2", MalformedPacket, strict},
	{"property 255", V5, `30 ~ "t" 02 ff 00`, "MQTT5 section 2.2.2.2", MalformedPacket, strict},
	{"property of another packet", V5, `30 ~ "t" 03 21 0001`, "MQTT5 section 2.2.2.2", MalformedPacket, strict},
	{"payload format 2", V5, `30 ~ "t" 02 01 02`, "MQTT5 section 3.3.2.3.2", ProtocolError, laxer},
	{"payload format twice", V5, `30 ~ "t" 04 01 01 01 01`, "MQTT5 section 3.3.2.3.2", ProtocolError, laxer},
	{"topic alias 0", V5, `30 ~ "t" 03 23 0000`, "MQTT-3.3.2-8", TopicAliasInvalid, laxer},
	{"topic alias twice", V5, `30 ~ "t" 06 23 0001 23 0001`, "MQTT5 section 3.3.2.3.4", ProtocolError, laxer},
	{"response topic wildcard", V5, `30 ~ "t" 04 08 "#"`, "MQTT-3.3.2-14", MalformedPacket, laxer},
	{"response topic empty", V5, `30 ~ "t" 03 08 ""`, "MQTT-4.7.3-1", MalformedPacket, laxer},
	{"content type not UTF-8", V5, `30 ~ "t" 04 03 0001 80`, "MQTT-1.5.4-1", MalformedPacket, laxer},
	{"user property value U+0000", V5, `30 ~ "t" 07 26 "k" 0001 00`, "MQTT-1.5.4-2", MalformedPacket, laxer},
	{"user property without value", V5, `30 ~ "t" 04 26 "k"`, "MQTT5 section 4.13", MalformedPacket, strict},
	{"subscription identifier 0", V5, `30 ~ "t" 02 0b 00`, "MQTT5 section 3.8.2.1.2", ProtocolError, laxer},
	{"subscription identifier of five bytes", V5, `30 ~ "t" 06 0b 8080808001`, "MQTT5 section 1.5.5", MalformedPacket, laxer},
	{"puback empty", V5, `40 00`, "MQTT5 section 4.13", MalformedPacket, strict},
	{"puback identifier 0", V5, `40 02 0000`, "MQTT-2.2.1-3", ProtocolError, laxer},
	{"puback with code", V311, `40 03 0001 00`, "MQTT 3.1.1 section 4.8", MalformedPacket, strict},
	{"puback code", V5, `40 03 0001 01`, "MQTT-3.4.2-1", ProtocolError, laxer},
	{"pubrec code", V5, `50 03 0001 92`, "MQTT-3.5.2-1", ProtocolError, laxer},
	{"pubrel code", V5, `62 03 0001 80`, "MQTT-3.6.2-1", ProtocolError, laxer},
	{"pubcomp code", V5, `70 03 0001 10`, "MQTT-3.7.2-1", ProtocolError, laxer},
	{"puback trailing", V5, `40 05 0001 00 00 00`, "MQTT5 section 4.13", MalformedPacket, laxer},
	{"puback reason string twice", V5, `40 ~ 0001 00 06 1f "" 1f ""`, "MQTT5 section 3.2.2.3.9", ProtocolError, laxer},
}

var sessionRefusals = []refusal{
	{"connack flags", V5, `20 03 02 00 00`, "MQTT-3.2.2-1", MalformedPacket, laxer},
	{"connack flags", V311, `20 02 80 00`, "MQTT 3.1.1 section 3.2.2.1", MalformedPacket, strict},
	{"connack session present on refusal", V5, `20 03 01 87 00`, "MQTT-3.2.2-6", ProtocolError, laxer},
	{"connack session present on refusal", V311, `20 02 01 05`, "MQTT-3.2.2-4", ProtocolError, strict},
	{"connack code", V5, `20 03 00 01 00`, "MQTT-3.2.2-8", ProtocolError, laxer},
	{"connack return code", V311, `20 02 00 06`, "MQTT 3.1.1 section 3.2.2.3", MalformedPacket, strict},
	{"connack without properties", V5, `20 02 00 00`, "MQTT5 section 4.13", MalformedPacket, strict},
	{"connack maximum QoS 2", V5, `20 05 00 00 02 24 02`, "MQTT5 section 3.2.2.3.4", ProtocolError, laxer},
	{"connack retain available 2", V5, `20 05 00 00 02 25 02`, "MQTT5 section 3.2.2.3.5", ProtocolError, laxer},
	{"connack wildcard available 2", V5, `20 05 00 00 02 28 02`, "MQTT5 section 3.2.2.3.11", ProtocolError, laxer},
	{"connack identifiers available 2", V5, `20 05 00 00 02 29 02`, "MQTT5 section 3.2.2.3.12", ProtocolError, laxer},
	{"connack shared available 2", V5, `20 05 00 00 02 2a 02`, "MQTT5 section 3.2.2.3.13", ProtocolError, laxer},
	{"subscribe nothing", V5, `82 03 0001 00`, "MQTT-3.8.3-2", ProtocolError, laxer},
	{"subscribe nothing", V311, `82 02 0001`, "MQTT-3.8.3-3", ProtocolError, strict},
	{"subscribe identifier 0", V5, `82 ~ 0000 00 "a" 00`, "MQTT-2.2.1-3", ProtocolError, laxer},
	{"subscribe without options", V5, `82 ~ 0001 00 "a"`, "MQTT5 section 4.13", MalformedPacket, strict},
	{"subscribe empty filter", V5, `82 ~ 0001 00 "" 00`, "MQTT-4.7.3-1", MalformedPacket, laxer},
	{"subscribe a#", V5, `82 ~ 0001 00 "a#" 00`, "MQTT-4.7.1-1", MalformedPacket, laxer},
	{"subscribe #/a", V311, `82 ~ 0001 "#/a" 00`, "MQTT-4.7.1-2", MalformedPacket, strict},
	{"subscribe a+", V5, `82 ~ 0001 00 "a+/b" 00`, "MQTT-4.7.1-2", MalformedPacket, laxer},
	{"subscribe a+", V311, `82 ~ 0001 "a+/b" 00`, "MQTT-4.7.1-3", MalformedPacket, strict},
	{"subscribe filter U+0000", V5, `82 ~ 0001 00 0001 00 00`, "MQTT-1.5.4-2", MalformedPacket, laxer},
	{"subscribe share without filter", V5, `82 ~ 0001 00 "$share/g" 00`, "MQTT-4.8.2-2", ProtocolError, laxer},
	{"subscribe share without name", V5, `82 ~ 0001 00 "$share//a" 00`, "MQTT-4.8.2-2", ProtocolError, laxer},
	{"subscribe share name wildcard", V5, `82 ~ 0001 00 "$share/+/a" 00`, "MQTT-4.8.2-2", ProtocolError, laxer},
	{"subscribe shared no local", V5, `82 ~ 0001 00 "$share/g/a" 04`, "MQTT-3.8.3-4", ProtocolError, laxer},
	{"subscribe QoS 3", V5, `82 ~ 0001 00 "a" 03`, "MQTT5 section 3.8.3.1", ProtocolError, laxer},
	{"subscribe QoS 3", V311, `82 ~ 0001 "a" 03`, "MQTT-3-8.3-4", MalformedPacket, strict},
	{"subscribe reserved bits", V5, `82 ~ 0001 00 "a" 40`, "MQTT-3.8.3-5", MalformedPacket, laxer},
	{"subscribe reserved bits", V311, `82 ~ 0001 "a" 04`, "MQTT-3-8.3-4", MalformedPacket, strict},
	{"subscribe retain handling 3", V5, `82 ~ 0001 00 "a" 30`, "MQTT5 section 3.8.3.1", ProtocolError, laxer},
	{"subscription identifier twice", V5, `82 ~ 0001 04 0b 01 0b 02 "a" 00`, "MQTT5 section 3.8.2.1.2", ProtocolError, laxer},
	{"suback nothing", V5, `90 03 0001 00`, "MQTT-3.8.4-6", ProtocolError, laxer},
	{"suback nothing", V311, `90 02 0001`, "MQTT-3.8.4-5", ProtocolError, strict},
	{"suback code", V5, `90 04 0001 00 03`, "MQTT-3.9.3-2", ProtocolError, laxer},
	{"suback code of 5.0", V311, `90 03 0001 87`, "MQTT-3.9.3-2", MalformedPacket, strict},
	{"unsubscribe nothing", V5, `a2 03 0001 00`, "MQTT-3.10.3-2", ProtocolError, laxer},
	{"unsubscribe nothing", V311, `a2 02 0001`, "MQTT-3.10.3-2", ProtocolError, strict},
	{"unsubscribe cut", V5, `a2 ~ 0001 00 "a" 00`, "MQTT5 section 4.13", MalformedPacket, laxer},
	{"unsuback code", V5, `b0 04 0001 00 01`, "MQTT-3.11.3-2", ProtocolError, laxer},
	{"unsuback with code", V311, `b0 03 0001 00`, "MQTT 3.1.1 section 4.8", MalformedPacket, strict},
	{"disconnect with code", V311, `e0 01 00`, "MQTT 3.1.1 section 4.8", MalformedPacket, strict},
	{"disconnect code", V5, `e0 01 01`, "MQTT-3.14.2-1", ProtocolError, laxer},
	{"auth in 3.1.1", V311, `f0 00`, "MQTT 3.1.1 section 2.2.1", ProtocolError, strict},
	{"auth code", V5, `f0 ~ 87 04 15 "m"`, "MQTT-3.15.2-1", ProtocolError, laxer},
	{"auth without method", V5, `f0 02 00 00`, "MQTT5 section 3.15.2.2.2", ProtocolError, laxer},
	{"auth without property length", V5, `f0 01 18`, "MQTT5 section 4.13", MalformedPacket, laxer},
}

func refusals() []refusal {
	return append(append(append(append([]refusal{}, frameRefusals...), connectRefusals...), messageRefusals...), sessionRefusals...)
}

func decodeBytes(b []byte, v Version) (Packet, error) {
	f, n, err := ParseFrame(b, 0)
	if err != nil {
		return nil, err
	}
	if n != len(b) {
		return nil, ErrIncomplete
	}
	return Decode(f, v)
}

func TestRefused(t *testing.T) {
	for _, c := range refusals() {
		t.Run(c.v.String()+" "+c.name, func(t *testing.T) {
			p, err := decodeBytes(wire(t, c.bytes), c.v)
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("got %+v, error %v; want a refusal", p, err)
			}
			if e.Clause != c.clause || e.Code != c.code {
				t.Errorf("refused with %v, want clause %s and code %s", e, c.clause, c.code)
			}
			if !errors.Is(err, ErrMalformed) || errors.Is(err, ErrTooLarge) || e.Detail == "" {
				t.Errorf("error %v is not a complete ErrMalformed", err)
			}
		})
	}
}

// TestOtherDecoder holds the list of known differences: for every refused 5.0 packet it is written down whether the other decoder takes it.
func TestOtherDecoder(t *testing.T) {
	for _, c := range refusals() {
		if c.v != V5 {
			continue
		}
		_, err := packets.ReadPacket(bytes.NewReader(wire(t, c.bytes)))
		if (err == nil) != c.laxer {
			t.Errorf("%s: other decoder says %v, recorded as laxer=%v", c.name, err, c.laxer)
		}
	}
}

// TestRefusedVersionIsKnown: the broker must see which version was asked for, to refuse in its form.
func TestRefusedVersionIsKnown(t *testing.T) {
	for _, c := range []struct {
		bytes string
		want  Version
	}{{`10 ~ "MQIsdp" 03 02 0000 "a"`, V31}, {`10 ~ "MQTT" 06 02 0000 00 "a"`, 6}, {`10 ~ "MQTT" 05 03 0000 00 "a"`, V5}} {
		var p Connect
		err := p.Decode(one(t, wire(t, c.bytes)), 0)
		if err == nil || p.Version != c.want {
			t.Errorf("%s: version %d, error %v", c.bytes, p.Version, err)
		}
	}
	out, err := (&Connack{Code: UnsupportedProtocolVersion}).Append(nil, V31)
	if err != nil || !bytes.Equal(out, []byte{0x20, 2, 0, 1}) {
		t.Errorf("refusal for 3.1 is %x, %v", out, err)
	}
}

func TestWrongType(t *testing.T) {
	for typ := TypeConnect; typ <= TypeAuth; typ++ {
		for _, c := range vectors(t) {
			f := one(t, wire(t, c.bytes))
			_, ack := ackFlags(f.Type)
			if _, both := ackFlags(typ); f.Type == typ || ack && both {
				continue
			}
			if err := New(typ).Decode(f, c.v); !errors.Is(err, ErrMalformed) {
				t.Errorf("%s decodes %s: %v", typ, c.name, err)
			}
		}
	}
	if _, err := Decode(Frame{}, V5); !errors.Is(err, ErrMalformed) {
		t.Errorf("frame of type 0: %v", err)
	}
}

// TestFlagsOfHandMadeFrames: a frame that did not come through ParseFrame is held to the same flags.
func TestFlagsOfHandMadeFrames(t *testing.T) {
	for _, c := range vectors(t) {
		f := one(t, wire(t, c.bytes))
		for flags := range byte(16) {
			f.Flags = flags
			_, err := Decode(f, c.v)
			if bad := checkFlags(f.Type, flags) != nil; bad && !errors.Is(err, ErrMalformed) {
				t.Errorf("%s with flags %x: %v", c.name, flags, err)
			}
		}
	}
}

// TestIteratorsStop: leaving a loop early must be possible.
func TestIteratorsStop(t *testing.T) {
	p := props(t, user("a", "1"), user("b", "2"), subID(1), subID(2))
	for k := range p.Users() {
		if string(k) != "a" {
			t.Errorf("second key %q after leaving", k)
		}
		break
	}
	for n := range p.SubscriptionIDs() {
		if n != 1 {
			t.Errorf("second identifier %d after leaving", n)
		}
		break
	}
	var none Properties
	for range none.Users() {
		t.Error("no user property, yet one comes")
	}
}

func TestFromClientOnly(t *testing.T) {
	p := Publish{Topic: []byte("t"), Properties: props(t, subID(3))}
	var e *Error
	if err := p.CheckFromClient(); !errors.As(err, &e) || e.Clause != "MQTT-3.3.4-6" {
		t.Errorf("subscription identifier from a client: %v", err)
	}
	p.Properties.Remove(PropSubscriptionID)
	if err := p.CheckFromClient(); err != nil {
		t.Error(err)
	}
	for _, d := range []Disconnect{{Code: SessionTakenOver}, {Properties: props(t, text(PropServerReference, "x"))}} {
		if err := d.CheckFromClient(); !errors.Is(err, ErrMalformed) {
			t.Errorf("%+v from a client: %v", d, err)
		}
	}
	for _, d := range []Disconnect{{}, {Code: DisconnectWithWill}, {Code: ProtocolError}} {
		if err := d.CheckFromClient(); err != nil {
			t.Errorf("%+v from a client: %v", d, err)
		}
	}
}
