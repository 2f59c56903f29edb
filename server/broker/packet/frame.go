package packet

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
)

// MaxRemaining is the largest remaining length that the four length bytes can hold (section 1.5.5).
const MaxRemaining = 268_435_455

// readStep bounds how much memory a peer can make us reserve before it has sent a byte of the body.
const readStep = 32 << 10

// FixedHeader is what every packet starts with (section 2.1): its type, the four flag bits and the length of the rest.
type FixedHeader struct {
	Type      Type
	Flags     byte
	Remaining int
}

// Frame is one whole packet, cut out of a stream but not yet decoded.
type Frame struct {
	Type  Type
	Flags byte
	Body  []byte
}

// ParseFixedHeader reads a fixed header from the start of b and returns its length n; n is 0 when more bytes are needed.
// The first byte is judged as soon as it is there: reserved types and flags are refused before any length is read.
// A length that is not in its shortest form is refused in both versions, although only 5.0 says so (MQTT-1.5.5-1).
func ParseFixedHeader(b []byte) (h FixedHeader, n int, err error) {
	if len(b) == 0 {
		return h, 0, nil
	}
	h.Type, h.Flags = Type(b[0]>>4), b[0]&0x0f
	if e := checkFlags(h.Type, h.Flags); e != nil {
		return h, 0, e
	}
	value, size, state := varint(b[1:])
	switch state {
	case varintShort:
		return h, 0, nil
	case varintLong:
		return h, 0, malformed(h.Type, "MQTT5 section 1.5.5", "remaining length has more than four bytes")
	case varintPadded:
		return h, 0, malformed(h.Type, "MQTT-1.5.5-1", "remaining length is not in its shortest form")
	default:
		h.Remaining = int(value)
		return h, 1 + size, nil
	}
}

// checkFlags refuses reserved types and flag bits (MQTT-2.1.3-1; MQTT-2.2.2-1 and -2 of 3.1.1).
func checkFlags(t Type, flags byte) *Error {
	want := byte(0)
	switch t {
	case 0:
		return malformed(t, "MQTT5 section 2.1.2", "packet type 0 is reserved")
	case TypePublish:
		switch qos := flags >> 1 & 3; {
		case qos == 3:
			return malformed(t, "MQTT-3.3.1-4", "QoS 3 does not exist")
		case qos == 0 && flags&8 != 0:
			return malformed(t, "MQTT-3.3.1-2", "DUP is set on a QoS 0 message")
		}
		return nil
	case TypePubrel, TypeSubscribe, TypeUnsubscribe:
		want = 2
	default: // no flag is set in the others
	}
	if flags == want {
		return nil
	}
	return malformed(t, flagClause(t), "reserved flag bits of the fixed header are wrong")
}

func flagClause(t Type) string {
	switch t {
	case TypePubrel:
		return "MQTT-3.6.1-1"
	case TypeSubscribe:
		return "MQTT-3.8.1-1"
	case TypeUnsubscribe:
		return "MQTT-3.10.1-1"
	case TypeDisconnect:
		return "MQTT-3.14.1-1"
	case TypeAuth:
		return "MQTT-3.15.1-1"
	default:
		return "MQTT-2.1.3-1"
	}
}

// checkSize refuses a packet of n header bytes plus the remaining length when it passes limit. A limit of 0 or less means
// the protocol's own maximum. The limit counts the whole packet, as Maximum Packet Size does (section 3.1.2.11.4).
func checkSize(h FixedHeader, n, limit int) *Error {
	if limit <= 0 || n+h.Remaining <= limit {
		return nil
	}
	return &Error{
		Packet: h.Type, Code: PacketTooLarge, Clause: "MQTT5 section 3.1.2.11.4",
		Detail: fmt.Sprintf("packet of %d bytes passes the limit of %d", n+h.Remaining, limit),
	}
}

// ParseFrame finds the packet at the start of b without copying: the frame's body aliases b. It returns the packet's whole
// length n, so that the next packet starts at b[n:]. When b does not hold the whole packet yet, n is 0 and err is nil;
// [ParseFixedHeader] then tells how much is missing. Size, type and flags are refused as soon as they can be read.
func ParseFrame(b []byte, limit int) (f Frame, n int, err error) {
	h, n, err := ParseFixedHeader(b)
	if err != nil || n == 0 {
		return Frame{}, 0, err
	}
	if e := checkSize(h, n, limit); e != nil {
		return Frame{}, 0, e
	}
	end := n + h.Remaining
	if len(b) < end {
		return Frame{}, 0, nil
	}
	return Frame{Type: h.Type, Flags: h.Flags, Body: b[n:end:end]}, end, nil
}

// ReadFrame reads one packet from r. The body uses buf when it is large enough and fresh memory otherwise; that memory is
// reserved in steps as bytes arrive, so that a peer cannot make us hold what it only announces. Errors: io.EOF when the stream
// ends between packets, [ErrIncomplete] inside one, [ErrTooLarge], [ErrMalformed], or what r returns.
func ReadFrame(r *bufio.Reader, limit int, buf []byte) (Frame, error) {
	h, n, err := readFixedHeader(r)
	if err != nil {
		return Frame{}, err
	}
	if e := checkSize(h, n, limit); e != nil {
		return Frame{}, e
	}
	body := buf[:0]
	for len(body) < h.Remaining {
		at := len(body)
		step := min(h.Remaining-at, max(cap(body)-at, readStep))
		body = slices.Grow(body, step)[:at+step]
		if _, err := io.ReadFull(r, body[at:]); err != nil {
			return Frame{}, incomplete(err)
		}
	}
	return Frame{Type: h.Type, Flags: h.Flags, Body: body[:len(body):len(body)]}, nil
}

// readFixedHeader takes the header byte by byte, so that it never waits for more than the header needs.
func readFixedHeader(r *bufio.Reader) (FixedHeader, int, error) {
	var head [5]byte
	for i := range head {
		c, err := r.ReadByte()
		if err != nil {
			if i == 0 {
				return FixedHeader{}, 0, err
			}
			return FixedHeader{}, 0, incomplete(err)
		}
		head[i] = c
		if h, n, err := ParseFixedHeader(head[:i+1]); err != nil || n > 0 {
			return h, n, err
		}
	}
	return FixedHeader{}, 0, malformed(Type(head[0]>>4), "MQTT5 section 1.5.5", "remaining length has more than four bytes")
}

func incomplete(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: %w", ErrIncomplete, io.ErrUnexpectedEOF)
	}
	return err
}
