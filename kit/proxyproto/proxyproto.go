// Package proxyproto reads the header of the PROXY protocol, version 2, by which a load balancer says whose connection it
// passes on. Nothing is read beyond the header, so that the connection can be used as it is afterwards. It is strict: what is
// not exactly such a header for TCP is an error, and whom to believe is the caller's to decide.
package proxyproto

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/netip"
)

// Longest is how many bytes may follow the fixed part. Balancers send some hundred with every extension there is.
const Longest = 2048

const (
	fixed      = 16
	signature  = "\r\n\r\n\x00\r\nQUIT\n"
	typeCRC32C = 0x03
)

// Header is what was said. Of a Local connection, which the balancer makes for itself, no address is known.
type Header struct {
	Local               bool
	Source, Destination netip.AddrPort
}

// ErrNone means that what came is no header of version 2.
var ErrNone = errors.New("no PROXY protocol header of version 2")

// Begins reports whether bytes that came look like the beginning of a header, of version 1 or 2.
func Begins(b []byte) bool {
	if len(b) < 5 {
		return false
	}
	return string(b[:5]) == signature[:5] || string(b[:5]) == "PROXY"
}

// Read takes a header from r.
func Read(r io.Reader) (h Header, err error) {
	var head [fixed]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return h, fmt.Errorf("%w: %w", ErrNone, err)
	}
	if string(head[:len(signature)]) != signature || head[12]>>4 != 2 {
		return h, ErrNone
	}
	n := int(binary.BigEndian.Uint16(head[14:]))
	if n > Longest {
		return h, fmt.Errorf("PROXY protocol header of %d bytes: want %d at most", n, Longest)
	}
	whole := make([]byte, fixed+n)
	copy(whole, head[:])
	if _, err := io.ReadFull(r, whole[fixed:]); err != nil {
		return h, fmt.Errorf("PROXY protocol header is cut short: %w", err)
	}
	return parse(whole)
}

// parse reads a whole header.
func parse(whole []byte) (h Header, err error) {
	rest := whole[fixed:]
	switch command, family := whole[12]&0xf, whole[13]; {
	case command == 0:
		h.Local = true
		return h, nil // whatever else it says is to be ignored
	case command != 1:
		return h, fmt.Errorf("PROXY protocol command %d is unknown", command)
	case family == 0x11:
		h.Source, h.Destination, rest, err = addresses(rest, 4)
	case family == 0x21:
		h.Source, h.Destination, rest, err = addresses(rest, 16)
	default:
		return h, fmt.Errorf("PROXY protocol family 0x%02x is not TCP over IPv4 or IPv6", family)
	}
	if err != nil {
		return Header{}, err
	}
	if err := extensions(whole, rest); err != nil {
		return Header{}, err
	}
	return h, nil
}

// addresses reads two addresses of n bytes and their ports.
func addresses(b []byte, n int) (from, to netip.AddrPort, rest []byte, err error) {
	if len(b) < 2*n+4 {
		return from, to, nil, errors.New("PROXY protocol header is too short for its addresses")
	}
	source, _ := netip.AddrFromSlice(b[:n])
	destination, _ := netip.AddrFromSlice(b[n : 2*n])
	ports := b[2*n:]
	from = netip.AddrPortFrom(source.Unmap(), binary.BigEndian.Uint16(ports))
	to = netip.AddrPortFrom(destination.Unmap(), binary.BigEndian.Uint16(ports[2:]))
	if !source.IsValid() || source.IsUnspecified() || source.IsMulticast() {
		return from, to, nil, errors.New("PROXY protocol header has no source address")
	}
	return from, to, ports[4:], nil
}

// extensions walks through what follows the addresses and checks the checksum where there is one.
func extensions(whole, rest []byte) error {
	for len(rest) > 0 {
		if len(rest) < 3 {
			return errors.New("PROXY protocol extension is cut short")
		}
		n := int(binary.BigEndian.Uint16(rest[1:]))
		if len(rest) < 3+n {
			return errors.New("PROXY protocol extension is longer than the header")
		}
		if rest[0] == typeCRC32C {
			if n != 4 || !intact(whole, len(whole)-len(rest)+3) {
				return errors.New("PROXY protocol header does not fit its checksum")
			}
		}
		rest = rest[3+n:]
	}
	return nil
}

// intact compares the checksum at offset with that of the header, which is made with the checksum as zeros.
func intact(whole []byte, at int) bool {
	said := binary.BigEndian.Uint32(whole[at:])
	blank := append([]byte(nil), whole...)
	clear(blank[at : at+4])
	return crc32.Checksum(blank, crc32.MakeTable(crc32.Castagnoli)) == said
}
