package packet

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/eclipse/paho.golang/packets"
)

// sample is one well-formed entry per property.
func sample(id PropertyID) []byte {
	r := ruleOf(id)
	switch r.kind {
	case kindByte:
		return []byte{byte(id), 1}
	case kindTwo:
		return []byte{byte(id), 0, 1}
	case kindFour:
		return []byte{byte(id), 0, 0, 0, 1}
	case kindVar:
		return []byte{byte(id), 1}
	case kindPair:
		return []byte{byte(id), 0, 1, 'k', 0, 1, 'v'}
	default:
		return []byte{byte(id), 0, 1, 'x'}
	}
}

func decodeProperties(entries []byte, t Type) (Properties, error) {
	var p Properties
	c := cursor{rest: append(appendVarint(nil, len(entries)), entries...), kind: t, version: V5}
	p.decode(&c, t)
	return p, c.done()
}

// TestPropertyPlaces compares where each property may stand with the other decoder's table, which is an independent reading of table 2-4.
// It has one set for CONNECT and its will, so those are compared together and told apart by name.
func TestPropertyPlaces(t *testing.T) {
	onlyWill := []PropertyID{PropPayloadFormat, PropMessageExpiry, PropContentType, PropResponseTopic, PropCorrelationData, PropWillDelay}
	known := 0
	for id := range PropertyID(128) {
		if ruleOf(id) == nil {
			if len(packets.ValidProperties[byte(id)]) > 0 {
				t.Errorf("property %d is missing", id)
			}
			continue
		}
		known++
		for typ := willProperties; typ <= TypeAuth; typ++ {
			want := packets.ValidateID(byte(max(typ, TypeConnect)), byte(id))
			if will := slices.Contains(onlyWill, id); typ == TypeConnect && will || typ == willProperties && !will && id != PropUser {
				want = false
			}
			p, err := decodeProperties(sample(id), typ)
			if (err == nil) != want || p.Has(id) != want {
				t.Errorf("%s on %s: %v", id, typ, err)
			}
			twice, err := decodeProperties(append(sample(id), sample(id)...), typ)
			repeats := want && (id == PropUser || id == PropSubscriptionID && typ == TypePublish)
			if (err == nil) != repeats || twice.Has(id) != repeats {
				t.Errorf("%s twice on %s: %v", id, typ, err)
			}
		}
	}
	if known != 27 {
		t.Errorf("%d properties known, the standard has 27", known)
	}
}

func TestPropertyGetters(t *testing.T) {
	p := props(t, number(PropPayloadFormat, 1), number(PropMessageExpiry, 1<<32-1), text(PropContentType, "text/plain"),
		data(PropCorrelationData, ""), user("a", "1"), subID(268435455), user("b", ""), subID(7))
	for id, want := range map[PropertyID]uint32{PropPayloadFormat: 1, PropMessageExpiry: 1<<32 - 1, PropSubscriptionID: 268435455} {
		if got, ok := p.Uint(id); !ok || got != want {
			t.Errorf("%s is %d, %v", id, got, ok)
		}
	}
	if p.Text(PropContentType) != "text/plain" {
		t.Errorf("content type is %q", p.Text(PropContentType))
	}
	if b, ok := p.Bytes(PropCorrelationData); !ok || len(b) != 0 {
		t.Errorf("correlation data is %q, %v", b, ok)
	}
	for _, id := range []PropertyID{PropTopicAlias, PropContentType, PropUser, 0, 99, 200} {
		if v, ok := p.Uint(id); ok {
			t.Errorf("%s reads as number %d", id, v)
		}
	}
	for _, id := range []PropertyID{PropResponseTopic, PropMessageExpiry, PropUser, 0, 99, 200} {
		if v, ok := p.Bytes(id); ok {
			t.Errorf("%s reads as bytes %q", id, v)
		}
	}
	if got := slices.Collect(p.SubscriptionIDs()); !slices.Equal(got, []uint32{268435455, 7}) {
		t.Errorf("subscription identifiers are %v", got)
	}
	if got := users(&p); !slices.Equal(got, []string{"a=1", "b="}) {
		t.Errorf("user properties are %v", got)
	}
}

func users(p *Properties) (all []string) {
	for k, v := range p.Users() {
		all = append(all, string(k)+"="+string(v))
	}
	return all
}

func TestPropertySetters(t *testing.T) {
	p := props(t, number(PropMessageExpiry, 60), subID(1), subID(2), user("k", "v"))
	for _, set := range []func(*Properties) error{
		number(PropMessageExpiry, 59), number(PropSubscriptionID, 300), text(PropContentType, "a"), text(PropContentType, "bc"),
		text(PropResponseTopic, "r"), data(PropCorrelationData, "x"), data(PropCorrelationData, "yz"),
	} {
		if err := set(&p); err != nil {
			t.Fatal(err)
		}
	}
	back, err := decodeProperties(p.raw, TypePublish)
	if err != nil || back.seen != p.seen {
		t.Fatalf("setters made %x: %v", p.raw, err)
	}
	want := wire(t, `02 0000003b 26 "k" "v" 0b ac02 03 "bc" 08 "r" 09 "yz"`)
	if !bytes.Equal(p.raw, want) {
		t.Errorf("properties are\n%x, want\n%x", p.raw, want)
	}
	p.Remove(PropContentType)
	p.Remove(PropContentType)
	if p.Has(PropContentType) || p.Len() != len(want)-5 {
		t.Error("property was not removed")
	}
	p.Reset()
	if p.Len() != 0 || p.Has(PropUser) {
		t.Error("reset leaves properties")
	}
}

func TestPropertySettersRefuse(t *testing.T) {
	long := strings.Repeat("a", maxText+1)
	for name, set := range map[string]func(*Properties) error{
		"receive maximum 0":         number(PropReceiveMaximum, 0),
		"receive maximum 65536":     number(PropReceiveMaximum, 1<<16),
		"payload format 2":          number(PropPayloadFormat, 2),
		"number of text":            number(PropContentType, 1),
		"number of user property":   number(PropUser, 1),
		"unknown":                   number(77, 1),
		"subscription identifier 0": subID(0),
		"subscription identifier":   subID(MaxRemaining + 1),
		"text of number":            text(PropMessageExpiry, "1"),
		"text with U+0000":          text(PropContentType, "\x00"),
		"text not UTF-8":            text(PropReasonString, "\xff"),
		"response topic wildcard":   text(PropResponseTopic, "a/#"),
		"response topic empty":      text(PropResponseTopic, ""),
		"bytes of text":             data(PropContentType, "x"),
		"bytes too long":            data(PropAuthData, long),
		"text too long":             text(PropReasonString, long),
		"user key too long":         user(long, ""),
		"user value too long":       user("", long),
		"user value with U+0000":    user("k", "\x00"),
	} {
		p := props(t, number(PropMessageExpiry, 5))
		if err := set(&p); !errors.Is(err, ErrEncode) {
			t.Errorf("%s: %v", name, err)
		}
		if p.Len() != 5 {
			t.Errorf("%s changed the properties", name)
		}
	}
}

// TestBorrowedIsNotWritten: setters on decoded properties must not touch the buffer that the next packet may still use.
func TestBorrowedIsNotWritten(t *testing.T) {
	b := wire(t, `32 ~ "t" 0001 0f 02 0000003c 26 "k" "v" 23 0005 'payload'`)
	before := bytes.Clone(b)
	for _, change := range []func(*Properties) error{
		number(PropMessageExpiry, 1), user("x", "y"), subID(4), text(PropContentType, "z"),
		func(p *Properties) error { p.Remove(PropTopicAlias); return nil },
		func(p *Properties) error { p.Reset(); return p.AddUser("kkk", "vvvvvvv") },
		func(p *Properties) error { p.Forward(p); return p.SetUint(PropMessageExpiry, 2) },
	} {
		var p Publish
		if err := p.Decode(one(t, b), V5); err != nil {
			t.Fatal(err)
		}
		if err := change(&p.Properties); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(b, before) {
			t.Fatalf("buffer was written: %x", b)
		}
		if _, err := decodeProperties(p.Properties.raw, TypePublish); err != nil {
			t.Error(err)
		}
	}
}

func TestForward(t *testing.T) {
	src := props(t, user("b", "1"), number(PropTopicAlias, 3), number(PropPayloadFormat, 1), user("a", "2"), subID(9), text(PropContentType, "c"),
		number(PropMessageExpiry, 7), data(PropCorrelationData, "d"), text(PropResponseTopic, "r"))
	var p Properties
	p.Forward(&src)
	if p.Has(PropTopicAlias) || p.Has(PropSubscriptionID) || p.seen != forwarded {
		t.Errorf("forwarded set is %b", p.seen)
	}
	if got := users(&p); !slices.Equal(got, []string{"b=1", "a=2"}) {
		t.Errorf("user properties are %v", got)
	}
	if _, err := decodeProperties(p.raw, TypePublish); err != nil {
		t.Error(err)
	}
	will := props(t, number(PropWillDelay, 5), user("k", "v"))
	p.Forward(&will)
	if p.Has(PropWillDelay) || !p.Has(PropUser) {
		t.Error("will delay is forwarded")
	}
	clone := p.Clone()
	p.Reset()
	if got := users(&clone); !slices.Equal(got, []string{"k=v"}) {
		t.Errorf("clone holds %v", got)
	}
}
