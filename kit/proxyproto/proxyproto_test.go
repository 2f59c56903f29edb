package proxyproto_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"net/netip"
	"strings"
	"testing"

	"github.com/thingward/thingward/kit/proxyproto"
)

const signature = "\r\n\r\n\x00\r\nQUIT\n"

// header makes one; body follows the fixed part.
func header(command, family byte, body string) []byte {
	b := append([]byte(signature), command, family)
	b = binary.BigEndian.AppendUint16(b, uint16(len(body)))
	return append(b, body...)
}

const tcp4 = "\xc6\x33\x64\x07\xc0\x00\x02\x01\xd4\x31\x22\xb3" // 198.51.100.7:54321 to 192.0.2.1:8883

func TestRead(t *testing.T) {
	v6 := netip.MustParseAddrPort("[2001:db8::7]:54321")
	a := v6.Addr().As16()
	tcp6 := string(a[:]) + string(a[:]) + "\xd4\x31\x22\xb3"
	sum := header(0x21, 0x11, tcp4+"\x03\x00\x04\x00\x00\x00\x00"+"\x04\x00\x02ab")
	binary.BigEndian.PutUint32(sum[16+12+3:], crc32.Checksum(sum, crc32.MakeTable(crc32.Castagnoli)))
	for _, c := range []struct {
		in    []byte
		from  string
		local bool
	}{
		{header(0x21, 0x11, tcp4), "198.51.100.7:54321", false},
		{header(0x21, 0x21, tcp6), "[2001:db8::7]:54321", false},
		{header(0x21, 0x11, tcp4+"\x01\x00\x02h2"), "198.51.100.7:54321", false},
		{sum, "198.51.100.7:54321", false},
		{header(0x20, 0, ""), "", true},
		{header(0x20, 0x11, "rubbish"), "", true},
	} {
		r := bytes.NewReader(append(c.in, "what follows"...))
		h, err := proxyproto.Read(r)
		if err != nil || h.Local != c.local || (!c.local && h.Source.String() != c.from) {
			t.Errorf("%q: %+v, %v", c.in, h, err)
		}
		if rest, _ := io.ReadAll(r); string(rest) != "what follows" {
			t.Errorf("%q: left %q", c.in, rest)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	for _, in := range [][]byte{
		nil,
		[]byte("PROXY TCP4 198.51.100.7 192.0.2.1 54321 8883\r\n"),
		[]byte("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03aaaaaaaaaaa"),
		header(0x11, 0x11, tcp4),
		header(0x22, 0x11, tcp4),
		header(0x21, 0x00, ""),
		header(0x21, 0x12, tcp4),
		header(0x21, 0x31, strings.Repeat("x", 216)),
		header(0x21, 0x11, tcp4[:11]),
		header(0x21, 0x21, tcp4),
		header(0x21, 0x11, "\x00\x00\x00\x00\xc0\x00\x02\x01\xd4\x31\x22\xb3"),
		header(0x21, 0x11, tcp4+"\x01\x00"),
		header(0x21, 0x11, tcp4+"\x01\x00\x05h2"),
		header(0x21, 0x11, tcp4+"\x03\x00\x04\x00\x00\x00\x00"),
		header(0x21, 0x11, tcp4+"\x03\x00\x01\x00"),
		header(0x21, 0x11, tcp4+strings.Repeat("\x04\x00\x00", 1000)),
		header(0x21, 0x11, tcp4)[:20],
	} {
		if h, err := proxyproto.Read(bytes.NewReader(in)); err == nil {
			t.Errorf("%q is taken: %+v", in, h)
		}
	}
	if _, err := proxyproto.Read(strings.NewReader("GET / HTTP/1.1\r\n\r\n")); !errors.Is(err, proxyproto.ErrNone) {
		t.Error(err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(header(0x21, 0x11, tcp4))
	f.Add(header(0x20, 0, ""))
	f.Add(header(0x21, 0x11, tcp4+"\x03\x00\x04\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, in []byte) {
		r := bytes.NewReader(in)
		h, err := proxyproto.Read(r)
		if err == nil && !h.Local && !h.Source.IsValid() {
			t.Errorf("taken without an address: %+v", h)
		}
		if used := len(in) - r.Len(); used > 16+proxyproto.Longest {
			t.Errorf("%d bytes were read", used)
		}
		if err == nil && !proxyproto.Begins(in) {
			t.Error("a header that does not begin as one")
		}
	})
}
