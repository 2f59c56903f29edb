package coap

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
)

// Type is a message's type (RFC 7252, section 3).
type Type byte

// The four types.
const (
	Confirmable Type = iota
	NonConfirmable
	Acknowledgement
	Reset
)

// String is the type's usual short name.
func (t Type) String() string { return [...]string{"CON", "NON", "ACK", "RST"}[t&3] }

// Code is a method or a response code: three bits of class, five of detail.
type Code byte

// The codes that we use (RFC 7252 section 12.1, RFC 7959 section 2.9, RFC 8132, RFC 8516).
const (
	Empty                Code = 0
	GET                  Code = 1
	POST                 Code = 2
	PUT                  Code = 3
	DELETE               Code = 4
	Valid                Code = 2<<5 | 3
	Changed              Code = 2<<5 | 4
	Content              Code = 2<<5 | 5
	Continue             Code = 2<<5 | 31
	BadRequest           Code = 4 << 5
	Unauthorized         Code = 4<<5 | 1
	BadOption            Code = 4<<5 | 2
	Forbidden            Code = 4<<5 | 3
	NotFound             Code = 4<<5 | 4
	MethodNotAllowed     Code = 4<<5 | 5
	NotAcceptable        Code = 4<<5 | 6
	EntityIncomplete     Code = 4<<5 | 8
	EntityTooLarge       Code = 4<<5 | 13
	UnsupportedFormat    Code = 4<<5 | 15
	TooManyRequests      Code = 4<<5 | 29
	InternalError        Code = 5 << 5
	ServiceUnavailable   Code = 5<<5 | 3
	ProxyingNotSupported Code = 5<<5 | 5
)

// String is the code as people write it: 4.04.
func (c Code) String() string { return fmt.Sprintf("%d.%02d", c>>5, c&31) }

// Request reports whether the code is a method.
func (c Code) Request() bool { return c>>5 == 0 && c != Empty }

// Response reports whether the code answers a request.
func (c Code) Response() bool { return c>>5 == 2 || c>>5 == 4 || c>>5 == 5 }

// Message is one CoAP message. A decoded one aliases the datagram.
type Message struct {
	Type    Type
	Code    Code
	ID      uint16
	Token   []byte
	Options []Option // in the order of their numbers
	Payload []byte
}

// Option is one option of a message.
type Option struct {
	Number uint16
	Value  []byte
}

const (
	headerSize  = 4
	tokenMost   = 8
	optionsMost = 64 // a message of ours or of any client known has a dozen at most
	endMark     = 0xff
	lengthMost  = 65535 + 269 // of an option
)

// FormatError says how a datagram departs from RFC 7252. Such a message is rejected whole (section 4.2).
type FormatError struct {
	Reason string
	Clause string // of RFC 7252
}

// Error gives reason and clause.
func (e *FormatError) Error() string {
	return "coap: " + e.Reason + " (RFC 7252 section " + e.Clause + ")"
}

func broken(clause, reason string) error { return &FormatError{reason, clause} }

// Decode reads a datagram. Where the header is whole, m has type, code and id even if the rest is refused, so that the message
// can be rejected with a Reset.
func (m *Message) Decode(b []byte) error {
	*m = Message{Options: m.Options[:0]}
	if len(b) < headerSize {
		return broken("3", "message is shorter than its header")
	}
	if b[0]>>6 != 1 {
		return broken("3", "version is not 1")
	}
	m.Type, m.Code, m.ID = Type(b[0]>>4&3), Code(b[1]), binary.BigEndian.Uint16(b[2:])
	n := int(b[0] & 15)
	rest := b[headerSize:]
	switch {
	case m.Code == Empty && (n > 0 || len(rest) > 0):
		return broken("4.1", "empty message is not empty")
	case m.Code == Empty:
		return nil
	case !m.Code.Request() && !m.Code.Response():
		return broken("4.2", "code is of a reserved class")
	case m.Type == Reset:
		return broken("4.2", "reset is not empty")
	case m.Type == Acknowledgement && m.Code.Request():
		return broken("4.2", "acknowledgement carries a request")
	case n > tokenMost:
		return broken("3", "token is longer than 8 bytes")
	case len(rest) < n:
		return broken("3", "token is cut off")
	}
	m.Token = rest[:n:n]
	return m.decodeOptions(rest[n:])
}

// decodeOptions reads options and payload.
func (m *Message) decodeOptions(b []byte) error {
	number := 0
	for len(b) > 0 {
		if b[0] == endMark {
			if len(b) == 1 {
				return broken("3", "payload marker without payload")
			}
			m.Payload = b[1:]
			return nil
		}
		if len(m.Options) == optionsMost {
			return broken("3.1", "more options than are taken")
		}
		delta, size := int(b[0]>>4), int(b[0]&15)
		b = b[1:]
		var err error
		if delta, b, err = extended(delta, b); err == nil {
			size, b, err = extended(size, b)
		}
		if err != nil {
			return err
		}
		if number += delta; number > 0xffff {
			return broken("3.1", "option number is above 65535")
		}
		if len(b) < size {
			return broken("3.1", "option is cut off")
		}
		m.Options = append(m.Options, Option{uint16(number), b[:size:size]})
		b = b[size:]
	}
	return nil
}

// extended reads what a nibble of 13 or 14 announces.
func extended(n int, b []byte) (int, []byte, error) {
	switch {
	case n < 13:
		return n, b, nil
	case n == 13 && len(b) >= 1:
		return int(b[0]) + 13, b[1:], nil
	case n == 14 && len(b) >= 2:
		return int(binary.BigEndian.Uint16(b)) + 269, b[2:], nil
	case n == 15:
		return 0, nil, broken("3.1", "option uses the reserved length 15")
	}
	return 0, nil, broken("3.1", "option is cut off")
}

// Append encodes the message after dst. Options may stand in any order; those of one number keep theirs.
func (m *Message) Append(dst []byte) ([]byte, error) {
	if len(m.Token) > tokenMost {
		return dst, broken("3", "token is longer than 8 bytes")
	}
	if m.Code == Empty && (len(m.Token) > 0 || len(m.Options) > 0 || len(m.Payload) > 0) {
		return dst, broken("4.1", "empty message is not empty")
	}
	out := append(dst, 1<<6|byte(m.Type&3)<<4|byte(len(m.Token)), byte(m.Code))
	out = binary.BigEndian.AppendUint16(out, m.ID)
	out = append(out, m.Token...)
	if !slices.IsSortedFunc(m.Options, byNumber) {
		m.Options = slices.Clone(m.Options)
		slices.SortStableFunc(m.Options, byNumber)
	}
	last := 0
	for _, o := range m.Options {
		if len(o.Value) > lengthMost {
			return dst, broken("3.1", "option is too long")
		}
		at := len(out)
		out = append(out, 0)
		var delta, size byte
		delta, out = appendExtended(int(o.Number)-last, out)
		size, out = appendExtended(len(o.Value), out)
		out[at] = delta<<4 | size
		out = append(out, o.Value...)
		last = int(o.Number)
	}
	if len(m.Payload) > 0 {
		out = append(out, endMark)
		out = append(out, m.Payload...)
	}
	return out, nil
}

func byNumber(a, b Option) int { return cmp.Compare(a.Number, b.Number) }

func appendExtended(n int, dst []byte) (nibble byte, out []byte) {
	switch {
	case n < 13:
		return byte(n), dst
	case n < 269:
		return 13, append(dst, byte(n-13))
	default:
		return 14, binary.BigEndian.AppendUint16(dst, uint16(n-269))
	}
}
