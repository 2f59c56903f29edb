package coap_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	other "github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/udp/coder"

	"github.com/thingward/thingward/server/broker/coap"
)

// TestMalformed goes through the ways in which a datagram can depart from RFC 7252.
func TestMalformed(t *testing.T) {
	for name, wire := range map[string]string{
		"empty": "", "short": "400100", "version 0": "00010001", "version 2": "80010001", "token of 9": "49010001" + strings.Repeat("00", 9), "token cut off": "42010001aa",
		"empty with token": "410000011a", "empty with payload": "40000001ff01", "class 1": "40200001", "class 6": "40c00001", "class 7": "40e00001",
		"marker without payload": "40010001ff", "reserved delta": "40010001f0", "reserved length": "400100010f", "option cut off": "40010001b26f", "delta cut off": "40010001d0", "length cut off": "400100010e01",
		"number above 65535": "40010001e0ffff" + "e0ffff", "reset with code": "70450001", "acknowledged request": "60010001", "65 options": "40010001" + strings.Repeat("00", 65),
	} {
		b, err := hex.DecodeString(wire)
		if err != nil {
			t.Fatal(err)
		}
		var m coap.Message
		if err := m.Decode(b); err == nil {
			t.Errorf("%s: taken as %+v", name, m)
		}
	}
}

// TestRoundTrip shows that all forms of option lengths come back, in their order.
func TestRoundTrip(t *testing.T) {
	for _, n := range []int{0, 1, 12, 13, 14, 268, 269, 270, 1034} {
		for _, number := range []uint16{1, 12, 13, 14, 268, 269, 270, 65535} {
			m := coap.Message{Type: coap.NonConfirmable, Code: coap.PUT, ID: 7, Token: []byte("tok"), Payload: []byte("p"), Options: []coap.Option{{Number: number, Value: bytes.Repeat([]byte{9}, n)}, {Number: 1, Value: []byte{}}}}
			b, err := m.Append(nil)
			if err != nil {
				t.Fatal(err)
			}
			var got coap.Message
			if err := got.Decode(b); err != nil {
				t.Fatal(err)
			}
			if got.Options[1].Number != max(number, 1) || len(got.Options) != 2 || string(got.Token) != "tok" || string(got.Payload) != "p" || got.ID != 7 {
				t.Errorf("%d %d: %+v", number, n, got)
			}
		}
	}
	for name, m := range map[string]coap.Message{"token": {Code: coap.GET, Token: make([]byte, 9)}, "empty": {Payload: []byte("x")}, "option": {Code: coap.GET, Options: []coap.Option{{Number: 1, Value: make([]byte, 70_000)}}}} {
		if _, err := m.Append(nil); err == nil {
			t.Errorf("%s: encoded", name)
		}
	}
}

func seeds(f *testing.F) {
	for _, s := range []string{
		"40000001", "44010001deadbeefb3737465", "6045000112345678", "42020102aabbb6" + hex.EncodeToString([]byte("things")) + "026431ff31",
		"50020001e1fe5600", "40010001d10d01ff00", "70000005",
	} {
		b, err := hex.DecodeString(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
}

// FuzzDecode checks that anything is either refused or comes back byte for byte from what it was read as.
func FuzzDecode(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		var m coap.Message
		if m.Decode(b) != nil {
			return
		}
		again, err := m.Append(nil)
		if err != nil {
			t.Fatalf("read and not written: %v", err)
		}
		var second coap.Message
		if err := second.Decode(again); err != nil {
			t.Fatalf("%x became %x: %v", b, again, err)
		}
		if len(second.Options) != len(m.Options) || !bytes.Equal(second.Payload, m.Payload) || !bytes.Equal(second.Token, m.Token) {
			t.Fatalf("%+v became %+v", m, second)
		}
		m.Check()
	})
}

// FuzzDifferential compares our decoder with another: what we take the other takes too, and reads the same.
func FuzzDifferential(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		var ours coap.Message
		err := ours.Decode(b)
		theirs := other.Message{Options: make(other.Options, 0, 128)}
		n, theirErr := coder.DefaultCoder.Decode(bytes.Clone(b), &theirs)
		if err != nil {
			return // we are the stricter one: see TestMalformed
		}
		if theirErr != nil || n != len(b) {
			t.Fatalf("%x: we take it, the other says %v", b, theirErr)
		}
		if int(theirs.Type) != int(ours.Type) || byte(theirs.Code) != byte(ours.Code) || uint16(theirs.MessageID) != ours.ID || !bytes.Equal(theirs.Token, ours.Token) || !bytes.Equal(theirs.Payload, ours.Payload) {
			t.Fatalf("%x: %+v, the other %+v", b, ours, theirs)
		}
		known := map[uint16]int{}
		for _, o := range ours.Options {
			known[o.Number]++
		}
		for _, o := range theirs.Options {
			if known[uint16(o.ID)]--; known[uint16(o.ID)] < 0 {
				t.Fatalf("%x: the other reads option %d, we do not", b, o.ID)
			}
		}
	})
}
