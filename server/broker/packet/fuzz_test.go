package packet

import (
	"bufio"
	"bytes"
	"errors"
	"reflect"
	"testing"
)

// addSeeds gives a fuzz target every vector and every refusal to start from.
func addSeeds(f *testing.F) {
	for _, c := range vectors(f) {
		f.Add(wire(f, c.bytes), c.v == V5)
	}
	for _, c := range refusals() {
		f.Add(wire(f, c.bytes), c.v == V5)
	}
	f.Add(wire(f, richPublish), true)
}

func fuzzVersion(five bool) Version {
	if five {
		return V5
	}
	return V311
}

// FuzzParseFrame reads hostile bytes. Whatever decodes must encode, and the encoded form must decode to the same packet and be its own
// encoding; reading from a stream must agree with reading in place; a refusal must name its clause.
func FuzzParseFrame(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, b []byte, five bool) {
		v := fuzzVersion(five)
		frame, n, err := ParseFrame(b, 1<<16)
		sameAsReading(t, b, frame, n, err)
		if err != nil || n == 0 {
			return
		}
		first, err := Decode(frame, v)
		if err != nil {
			complete(t, err)
			return
		}
		if c, ok := first.(*Connect); ok {
			v = c.Version
		}
		roundTrip(t, first, v)
	})
}

func complete(t *testing.T, err error) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.Clause == "" || e.Detail == "" || !e.Code.Failed() || e.Error() == "" {
		t.Errorf("refusal is incomplete: %#v", err)
	}
}

// sameAsReading checks that ReadFrame gives what ParseFrame gave.
func sameAsReading(t *testing.T, b []byte, want Frame, n int, parse error) {
	t.Helper()
	got, err := ReadFrame(bufio.NewReader(bytes.NewReader(b)), 1<<16, make([]byte, 16))
	switch {
	case parse != nil:
		complete(t, parse)
		if err == nil || err.Error() != parse.Error() {
			t.Errorf("reading says %v, parsing says %v", err, parse)
		}
	case n == 0:
		if err == nil {
			t.Error("reading finds a packet where parsing wants more bytes")
		}
	case err != nil || !equalFrame(got, want):
		t.Errorf("reading gives %+v, %v; parsing gives %+v", got, err, want)
	}
}

func roundTrip(t *testing.T, first Packet, v Version) {
	t.Helper()
	encoded, err := first.Append(nil, v)
	if err != nil {
		t.Fatalf("%+v decodes but does not encode: %v", first, err)
	}
	second, err := Decode(one(t, encoded), v)
	if err != nil {
		t.Fatalf("%x is our own encoding but refused: %v", encoded, err)
	}
	again, err := second.Append(nil, v)
	if err != nil || !bytes.Equal(again, encoded) {
		t.Errorf("second encoding %x differs from the first %x, error %v", again, encoded, err)
	}
	if !reflect.DeepEqual(plain(first), plain(second)) {
		t.Errorf("decoded\n%+v, after a round trip\n%+v", first, second)
	}
}

// FuzzStream feeds one reused set of structs, as the broker does, with packet after packet: state of an earlier packet must never show.
func FuzzStream(f *testing.F) {
	var all []byte
	for _, c := range vectors(f) {
		if c.v == V5 {
			all = append(all, wire(f, c.bytes)...)
		}
	}
	f.Add(all, true)
	f.Add(append(wire(f, richPublish), wire(f, plainPublish)...), true)
	f.Fuzz(func(t *testing.T, b []byte, five bool) {
		v := fuzzVersion(five)
		reused := map[Type]Packet{}
		for len(b) > 0 {
			frame, n, err := ParseFrame(b, 1<<16)
			if err != nil || n == 0 {
				return
			}
			if reused[frame.Type] == nil {
				reused[frame.Type] = New(frame.Type)
			}
			p := reused[frame.Type]
			fresh, err := Decode(frame, v)
			if got := p.Decode(frame, v); (got == nil) != (err == nil) {
				t.Fatalf("reused struct says %v, fresh one %v", got, err)
			}
			if err == nil && !reflect.DeepEqual(plain(p), plain(fresh)) {
				t.Fatalf("reused struct holds\n%+v, fresh one\n%+v", p, fresh)
			}
			b = b[n:]
		}
	})
}

// FuzzProperties runs random setter calls: what they build must be what a decoder accepts, and getters must give it back.
func FuzzProperties(f *testing.F) {
	f.Add(byte(PropContentType), uint32(1), "text", "value")
	f.Add(byte(PropUser), uint32(0), "k", "v")
	f.Add(byte(PropSubscriptionID), uint32(300), "", "")
	f.Fuzz(func(t *testing.T, id byte, n uint32, a, b string) {
		var p Properties
		prop := PropertyID(id)
		if p.SetUint(prop, n) == nil {
			if got, ok := p.Uint(prop); !ok || got != n {
				t.Errorf("%s set to %d reads %d, %v", prop, n, got, ok)
			}
		}
		if p.SetText(prop, a) == nil && p.Text(prop) != a || p.SetBytes(prop, []byte(b)) == nil && p.Text(prop) != b {
			t.Errorf("%s set to %q or %q reads %q", prop, a, b, p.Text(prop))
		}
		if p.AddUser(a, b) == nil {
			if got := users(&p); len(got) != 1 || got[0] != a+"="+b {
				t.Errorf("user property %q=%q reads %q", a, b, got)
			}
		}
		accepted := p.Len() == 0
		for typ := willProperties; typ <= TypeAuth; typ++ {
			back, err := decodeProperties(p.raw, typ)
			if (err == nil) != (p.allowed(typ) == nil) {
				t.Errorf("on %s: encoding says %v, decoding says %v", typ, p.allowed(typ), err)
			}
			accepted = accepted || err == nil && back.seen == p.seen
		}
		if !accepted {
			t.Errorf("no packet takes %x", p.raw)
		}
	})
}
