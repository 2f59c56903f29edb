package packet

import (
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"strings"
	"testing"
)

// wire turns readable test data into bytes. Tokens, separated by blanks: hex digits; 'raw' text; "text" with its two length bytes;
// ~ is the remaining length of all that follows, {n} is n zero bytes, [n] is n letters a. An underscore in text is a blank.
func wire(tb testing.TB, s string) []byte {
	tb.Helper()
	head, tail, auto := strings.Cut(s, "~")
	if auto {
		body := wire(tb, tail)
		return append(appendVarint(wire(tb, head), len(body)), body...)
	}
	out := []byte{}
	for _, token := range strings.Fields(s) {
		inner := strings.ReplaceAll(token[1:max(1, len(token)-1)], "_", " ")
		switch token[0] {
		case '\'':
			out = append(out, inner...)
		case '"':
			out = append(binary.BigEndian.AppendUint16(out, uint16(len(inner))), inner...)
		case '{', '[':
			n, err := strconv.Atoi(inner)
			if err != nil {
				tb.Fatalf("bad count in %q: %v", s, err)
			}
			fill := map[byte]string{'{': "\x00", '[': "a"}[token[0]]
			out = append(out, strings.Repeat(fill, n)...)
		default:
			b, err := hex.DecodeString(token)
			if err != nil {
				tb.Fatalf("bad hex in %q: %v", s, err)
			}
			out = append(out, b...)
		}
	}
	return out
}

// one cuts the single packet out of b.
func one(tb testing.TB, b []byte) Frame {
	tb.Helper()
	f, n, err := ParseFrame(b, 0)
	if err != nil || n != len(b) {
		tb.Fatalf("ParseFrame(%x) took %d of %d bytes, error %v", b, n, len(b), err)
	}
	return f
}

// props builds properties in one expression; set gets the empty ones.
func props(tb testing.TB, set ...func(*Properties) error) Properties {
	tb.Helper()
	var p Properties
	for _, s := range set {
		if err := s(&p); err != nil {
			tb.Fatal(err)
		}
	}
	return p
}

func number(id PropertyID, v uint32) func(*Properties) error {
	return func(p *Properties) error { return p.SetUint(id, v) }
}

func text(id PropertyID, v string) func(*Properties) error {
	return func(p *Properties) error { return p.SetText(id, v) }
}

func data(id PropertyID, v string) func(*Properties) error {
	return func(p *Properties) error { return p.SetBytes(id, []byte(v)) }
}

func user(key, value string) func(*Properties) error {
	return func(p *Properties) error { return p.AddUser(key, value) }
}

func subID(v uint32) func(*Properties) error {
	return func(p *Properties) error { return p.AddSubscriptionID(v) }
}
