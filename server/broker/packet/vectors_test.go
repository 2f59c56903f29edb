package packet

import (
	"bytes"
	"reflect"
	"testing"
)

// vector is a packet and its exact bytes, written down by hand from the standards.
type vector struct {
	name   string
	v      Version
	bytes  string
	packet Packet
}

func connectVectors(t testing.TB) []vector {
	return []vector{
		{
			"connect 3.1.1 least", V311, `10 0d "MQTT" 04 02 003c "a"`,
			&Connect{Version: V311, CleanStart: true, KeepAlive: 60, ClientID: "a"},
		},
		{"connect 3.1.1 no identifier", V311, `10 0c "MQTT" 04 02 0000 0000`, &Connect{Version: V311, CleanStart: true}},
		{"connect 3.1.1 all", V311, `10 23 "MQTT" 04 ee 003c "dev" "w/t" "gone" "joe" "pw"`, &Connect{
			Version: V311, CleanStart: true, KeepAlive: 60, ClientID: "dev", HasUsername: true, Username: "joe",
			HasPassword: true, Password: []byte("pw"),
			Will: &Will{Topic: "w/t", Payload: []byte("gone"), QoS: 1, Retain: true},
		}},
		{"connect 5.0 least", V5, `10 0e "MQTT" 05 00 0000 00 "a"`, &Connect{Version: V5, ClientID: "a"}},
		{"connect 5.0 no identifier, kept session", V5, `10 0d "MQTT" 05 00 0000 00 ""`, &Connect{Version: V5}},
		{
			"connect 5.0 password alone", V5, `10 12 "MQTT" 05 42 0000 00 "a" "pw"`,
			&Connect{Version: V5, CleanStart: true, ClientID: "a", HasPassword: true, Password: []byte("pw")},
		},
		{"connect 5.0 will", V5, `10 24 "MQTT" 05 14 ffff 08 11 00000e10 21 0014 "a" 07 18 0000000a 01 01 "w" "x"`, &Connect{
			Version: V5, KeepAlive: 65535, ClientID: "a",
			Properties: props(t, number(PropSessionExpiry, 3600), number(PropReceiveMaximum, 20)),
			Will: &Will{
				Topic: "w", Payload: []byte("x"), QoS: 2,
				Properties: props(t, number(PropWillDelay, 10), number(PropPayloadFormat, 1)),
			},
		}},
		{"connack 3.1.1", V311, `20 02 01 00`, &Connack{SessionPresent: true}},
		{"connack 3.1.1 not authorized", V311, `20 02 00 05`, &Connack{Code: NotAuthorized}},
		{"connack 5.0", V5, `20 03 00 00 00`, &Connack{}},
		{
			"connack 5.0 not authorized", V5, `20 09 00 87 06 1f "nay"`,
			&Connack{Code: NotAuthorized, Properties: props(t, text(PropReasonString, "nay"))},
		},
		{"connack 5.0 limits", V5, `20 16 01 00 13 21 000a 24 01 27 00010000 22 0010 25 01 12 "x"`, &Connack{
			SessionPresent: true, Properties: props(t, number(PropReceiveMaximum, 10), number(PropMaximumQoS, 1),
				number(PropMaximumPacketSize, 65536), number(PropTopicAliasMaximum, 16), number(PropRetainAvailable, 1),
				text(PropAssignedClientID, "x")),
		}},
		{"auth short", V5, `f0 00`, &Auth{}},
		{
			"auth", V5, `f0 0b 18 09 15 "m" 16 "dd"`,
			&Auth{Code: ContinueAuthentication, Properties: props(t, text(PropAuthMethod, "m"), data(PropAuthData, "dd"))},
		},
	}
}

func messageVectors(t testing.TB) []vector {
	return []vector{
		{"publish 3.1.1 QoS 0", V311, `30 07 "a/b" 'hi'`, &Publish{Topic: []byte("a/b"), Payload: []byte("hi")}},
		{"publish 3.1.1 QoS 1 dup retain", V311, `3b 09 "a/b" 000a 'hi'`, &Publish{
			Topic: []byte("a/b"), Payload: []byte("hi"), QoS: 1, PacketID: 10, Dup: true, Retain: true,
		}},
		{"publish 3.1.1 no payload", V311, `31 05 "a/b"`, &Publish{Topic: []byte("a/b"), Payload: []byte{}, Retain: true}},
		{"publish 3.1.1 long", V311, `30 ac02 "t" [297]`, &Publish{Topic: []byte("t"), Payload: bytes.Repeat([]byte("a"), 297)}},
		{"publish 5.0", V5, `34 0b "a/b" ffff 00 '{"}'`, &Publish{Topic: []byte("a/b"), Payload: []byte(`{"}`), QoS: 2, PacketID: 65535}},
		{
			"publish 5.0 alias", V5, `30 07 "" 03 23 0007 'x'`,
			&Publish{Topic: []byte{}, Payload: []byte("x"), Properties: props(t, number(PropTopicAlias, 7))},
		},
		{"publish 5.0 all", V5, `32 2e "t" 0001 27 01 01 02 0000003c 03 "c" 08 "r" 09 "id" 26 "k" "v" 26 "k" "w" 0b 8001 0b 01 'p'`, &Publish{
			Topic: []byte("t"), Payload: []byte("p"), QoS: 1, PacketID: 1,
			Properties: props(t, number(PropPayloadFormat, 1), number(PropMessageExpiry, 60), text(PropContentType, "c"),
				text(PropResponseTopic, "r"), data(PropCorrelationData, "id"), user("k", "v"), user("k", "w"), subID(128), subID(1)),
		}},
		{"puback 3.1.1", V311, `40 02 1234`, &Ack{Type: TypePuback, PacketID: 0x1234}},
		{"pubrec 3.1.1", V311, `50 02 1234`, &Ack{Type: TypePubrec, PacketID: 0x1234}},
		{"pubrel 3.1.1", V311, `62 02 1234`, &Ack{Type: TypePubrel, PacketID: 0x1234}},
		{"pubcomp 3.1.1", V311, `70 02 1234`, &Ack{Type: TypePubcomp, PacketID: 0x1234}},
		{"puback 5.0 short", V5, `40 02 1234`, &Ack{Type: TypePuback, PacketID: 0x1234}},
		{"puback 5.0 code", V5, `40 03 1234 87`, &Ack{Type: TypePuback, PacketID: 0x1234, Code: NotAuthorized}},
		{"pubrec 5.0 code", V5, `50 03 1234 97`, &Ack{Type: TypePubrec, PacketID: 0x1234, Code: QuotaExceeded}},
		{"pubrel 5.0 code", V5, `62 03 1234 92`, &Ack{Type: TypePubrel, PacketID: 0x1234, Code: PacketIdentifierNotFound}},
		{
			"pubcomp 5.0 properties", V5, `70 08 1234 00 04 1f "x"`,
			&Ack{Type: TypePubcomp, PacketID: 0x1234, Properties: props(t, text(PropReasonString, "x"))},
		},
	}
}

func sessionVectors(t testing.TB) []vector {
	return []vector{
		{
			"subscribe 3.1.1", V311, `82 0c 0001 "a/#" 01 "+" 00`,
			&Subscribe{PacketID: 1, Subscriptions: []Subscription{{Filter: "a/#", QoS: 1}, {Filter: "+"}}},
		},
		{"subscribe 5.0", V5, `82 0f 0001 02 0b 05 "#" 2e "a/b" 10`, &Subscribe{
			PacketID: 1, Properties: props(t, subID(5)), Subscriptions: []Subscription{
				{Filter: "#", QoS: 2, NoLocal: true, RetainAsPublished: true, RetainHandling: 2}, {Filter: "a/b", RetainHandling: 1},
			},
		}},
		{"subscribe 5.0 shared", V5, `82 10 0002 00 "$share/g/#" 01`, &Subscribe{
			PacketID: 2, Subscriptions: []Subscription{{Filter: "$share/g/#", QoS: 1}},
		}},
		{
			"suback 3.1.1", V311, `90 05 0001 01 00 80`,
			&Suback{PacketID: 1, Codes: []ReasonCode{GrantedQoS1, GrantedQoS0, UnspecifiedError}},
		},
		{"suback 5.0", V5, `90 05 0001 00 02 8f`, &Suback{PacketID: 1, Codes: []ReasonCode{GrantedQoS2, TopicFilterInvalid}}},
		{"unsubscribe 3.1.1", V311, `a2 0a 0001 "a/#" "+"`, &Unsubscribe{PacketID: 1, Filters: []string{"a/#", "+"}}},
		{
			"unsubscribe 5.0", V5, `a2 0d 0001 07 26 "k" "v" "+"`,
			&Unsubscribe{PacketID: 1, Properties: props(t, user("k", "v")), Filters: []string{"+"}},
		},
		{"unsuback 3.1.1", V311, `b0 02 0001`, &Unsuback{PacketID: 1}},
		{"unsuback 5.0", V5, `b0 05 0001 00 00 11`, &Unsuback{PacketID: 1, Codes: []ReasonCode{Success, NoSubscriptionExisted}}},
		{"pingreq", V311, `c0 00`, &Pingreq{}},
		{"pingresp", V5, `d0 00`, &Pingresp{}},
		{"disconnect 3.1.1", V311, `e0 00`, &Disconnect{}},
		{"disconnect 5.0 short", V5, `e0 00`, &Disconnect{}},
		{"disconnect 5.0 code", V5, `e0 01 8e`, &Disconnect{Code: SessionTakenOver}},
		{"disconnect 5.0 expiry", V5, `e0 07 00 05 11 ffffffff`, &Disconnect{Properties: props(t, number(PropSessionExpiry, 1<<32-1))}},
	}
}

func vectors(t testing.TB) []vector {
	return append(append(connectVectors(t), messageVectors(t)...), sessionVectors(t)...)
}

// plain makes packets comparable: whether properties borrow or own their bytes, and whether an empty slice is nil, is not part of their value.
func plain(p Packet) Packet {
	for _, q := range propertiesOf(p) {
		*q = Properties{raw: append([]byte{}, q.raw...), seen: q.seen}
	}
	switch q := p.(type) {
	case *Suback:
		q.Codes = append([]ReasonCode{}, q.Codes...)
	case *Unsuback:
		q.Codes = append([]ReasonCode{}, q.Codes...)
	}
	return p
}

func propertiesOf(p Packet) []*Properties {
	switch q := p.(type) {
	case *Connect:
		if q.Will != nil {
			return []*Properties{&q.Properties, &q.Will.Properties}
		}
		return []*Properties{&q.Properties}
	case *Connack:
		return []*Properties{&q.Properties}
	case *Publish:
		return []*Properties{&q.Properties}
	case *Ack:
		return []*Properties{&q.Properties}
	case *Subscribe:
		return []*Properties{&q.Properties}
	case *Suback:
		return []*Properties{&q.Properties}
	case *Unsubscribe:
		return []*Properties{&q.Properties}
	case *Unsuback:
		return []*Properties{&q.Properties}
	case *Disconnect:
		return []*Properties{&q.Properties}
	case *Auth:
		return []*Properties{&q.Properties}
	default:
		return nil
	}
}

func TestVectors(t *testing.T) {
	for _, c := range vectors(t) {
		t.Run(c.name, func(t *testing.T) {
			want := wire(t, c.bytes)
			prefix := []byte("before")
			got, err := c.packet.Append(bytes.Clone(prefix), c.v)
			if err != nil {
				t.Fatalf("Append: %v", err)
			}
			if !bytes.Equal(got, append(prefix, want...)) {
				t.Errorf("Append gives\n%x, want\n%x", got[len(prefix):], want)
			}
			back, err := Decode(one(t, want), c.v)
			if err != nil {
				t.Fatalf("Decode: %v", err)
			}
			if !reflect.DeepEqual(plain(back), plain(c.packet)) {
				t.Errorf("Decode gives\n%+v, want\n%+v", back, c.packet)
			}
		})
	}
}

// TestEveryTypeHasVectors keeps the table above complete.
func TestEveryTypeHasVectors(t *testing.T) {
	seen := map[Version]map[Type]bool{V311: {}, V5: {}}
	for _, c := range vectors(t) {
		seen[c.v][one(t, wire(t, c.bytes)).Type] = true
	}
	either := func(typ Type) bool { return typ == TypePingreq || typ == TypePingresp || typ == TypeAuth }
	for typ := TypeConnect; typ <= TypeAuth; typ++ {
		if New(typ) == nil {
			t.Errorf("New(%s) is nil", typ)
		}
		if !seen[V311][typ] && !either(typ) || !seen[V5][typ] && (!either(typ) || !seen[V311][typ]) {
			t.Errorf("%s lacks a vector", typ)
		}
	}
	if New(0) != nil || New(16) != nil {
		t.Error("New makes packets of types that do not exist")
	}
}

// TestTruncated cuts every vector everywhere inside its body: each cut must be refused or be another valid packet, never panic, and a
// longer body must never be taken where the format has a fixed end.
func TestTruncated(t *testing.T) {
	for _, c := range vectors(t) {
		f := one(t, wire(t, c.bytes))
		for n := range f.Body {
			cut := Frame{Type: f.Type, Flags: f.Flags, Body: f.Body[:n:n]}
			p, err := Decode(cut, c.v)
			if err != nil {
				continue
			}
			if _, err := p.Append(nil, c.v); err != nil {
				t.Errorf("%s cut to %d bytes decodes but does not encode: %v", c.name, n, err)
			}
		}
	}
}

// TestReuse decodes every vector into the struct that held another packet of its type: nothing may be left over.
func TestReuse(t *testing.T) {
	for _, first := range vectors(t) {
		for _, second := range vectors(t) {
			a, b := one(t, wire(t, first.bytes)), one(t, wire(t, second.bytes))
			if a.Type != b.Type {
				continue
			}
			p := New(a.Type)
			if err := p.Decode(a, first.v); err != nil {
				t.Fatal(err)
			}
			if err := p.Decode(b, second.v); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(plain(p), plain(second.packet)) {
				t.Errorf("%s after %s: %+v", second.name, first.name, p)
			}
		}
	}
}
