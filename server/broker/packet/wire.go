package packet

import "encoding/binary"

// maxText is the longest string or binary value that its two length bytes can announce (section 1.5.4).
const maxText = 65_535

type varintState byte

const (
	varintOK varintState = iota
	varintShort
	varintLong
	varintPadded
)

// varint reads a variable byte integer from the start of b (section 1.5.5).
func varint(b []byte) (value uint32, size int, state varintState) {
	for i := range 4 {
		if i == len(b) {
			return 0, 0, varintShort
		}
		value |= uint32(b[i]&0x7f) << (7 * i)
		if b[i] < 0x80 {
			if i > 0 && b[i] == 0 {
				return 0, 0, varintPadded
			}
			return value, i + 1, varintOK
		}
	}
	return 0, 0, varintLong
}

func varintSize(v int) int {
	switch {
	case v < 1<<7:
		return 1
	case v < 1<<14:
		return 2
	case v < 1<<21:
		return 3
	default:
		return 4
	}
}

func appendVarint(dst []byte, v int) []byte {
	for v >= 0x80 {
		dst = append(dst, byte(v)|0x80)
		v >>= 7
	}
	return append(dst, byte(v))
}

// appendField adds a string or binary value with its length; the caller has checked that it is not over maxText.
func appendField[S bytestring](dst []byte, s S) []byte {
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(s)))
	return append(dst, s...)
}

// begin starts a packet: its first byte and room for the longest length field.
func begin(dst []byte, t Type, flags byte) []byte {
	return append(dst, byte(t)<<4|flags, 0, 0, 0, 0)
}

// finish writes the length of the packet that begin started at offset start, and closes the gap before the body.
func finish(dst []byte, start int) ([]byte, error) {
	body := len(dst) - start - 5
	if body > MaxRemaining {
		t := Type(dst[start] >> 4)
		return dst[:start], encodeError(t, "packet is longer than the protocol allows")
	}
	n := len(appendVarint(dst[start+1:start+1], body))
	copy(dst[start+1+n:], dst[start+5:])
	return dst[:start+1+n+body], nil
}

// cursor walks over a body. The first fault sticks, later reads give zero values, and done reports the fault: so decoders read
// straight through and never mix up a check with a read.
type cursor struct {
	rest    []byte
	fault   *Error
	kind    Type
	version Version
}

func newCursor(f Frame, v Version) cursor {
	return cursor{rest: f.Body, kind: f.Type, version: v}
}

// fail records a malformed packet, unless something failed before.
func (c *cursor) fail(clause, detail string) {
	c.failCode(MalformedPacket, clause, detail)
}

func (c *cursor) failCode(code ReasonCode, clause, detail string) {
	if c.fault == nil {
		c.fault = &Error{Packet: c.kind, Code: code, Clause: clause, Detail: detail}
		c.rest = nil
	}
}

func (c *cursor) take(n int) []byte {
	if len(c.rest) < n {
		c.fail(c.pick("MQTT5 section 4.13", "MQTT 3.1.1 section 4.8"), "packet ends inside a field")
		return nil
	}
	b := c.rest[:n:n]
	c.rest = c.rest[n:]
	return b
}

func (c *cursor) byte() byte {
	if b := c.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (c *cursor) uint16() uint16 {
	if b := c.take(2); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

func (c *cursor) uint32() uint32 {
	if b := c.take(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

func (c *cursor) varint() uint32 {
	value, size, state := varint(c.rest)
	switch state {
	case varintShort:
		c.fail(c.pick("MQTT5 section 4.13", "MQTT 3.1.1 section 4.8"), "packet ends inside a field")
	case varintLong:
		c.fail("MQTT5 section 1.5.5", "variable byte integer has more than four bytes")
	case varintPadded:
		c.fail("MQTT-1.5.5-1", "variable byte integer is not in its shortest form")
	default:
		c.rest = c.rest[size:]
	}
	return value
}

// binary reads a value with two length bytes (section 1.5.6).
func (c *cursor) binary() []byte {
	return c.take(int(c.uint16()))
}

// text reads a string and checks its encoding (section 1.5.4).
func (c *cursor) text() []byte {
	b := c.binary()
	c.checkText(b)
	return b
}

func (c *cursor) checkText(b []byte) {
	if fault := scanText(b); fault != textOK {
		c.fail(c.textClause(fault), textDetail(fault))
	}
}

// packetID reads a packet identifier; zero is no identifier (MQTT-2.2.1-3; MQTT-2.3.1-1 of 3.1.1).
func (c *cursor) packetID() uint16 {
	id := c.uint16()
	if id == 0 {
		c.failCode(ProtocolError, c.pick("MQTT-2.2.1-3", "MQTT-2.3.1-1"), "packet identifier is 0")
	}
	return id
}

// done reports the first fault, or bytes that no field accounts for.
func (c *cursor) done() error {
	if len(c.rest) > 0 {
		c.fail(c.pick("MQTT5 section 4.13", "MQTT 3.1.1 section 4.8"), "packet has bytes after its last field")
	}
	if c.fault != nil {
		return c.fault
	}
	return nil
}

// pick gives the clause of the version in use: the two standards number their statements differently.
func (c *cursor) pick(five, three string) string {
	if c.version < V5 {
		return three
	}
	return five
}

// checkType refuses a frame of another type: the caller has mixed up its switch, and reading on would misread.
func (c *cursor) checkType(want Type) {
	if c.kind != want {
		c.fail("MQTT5 section 2.1.2", "frame is not a "+want.String())
	}
}

// checkFlags refuses wrong flag bits also in frames that did not come through ParseFrame.
func (c *cursor) checkFlags(f Frame) {
	if e := checkFlags(f.Type, f.Flags); e != nil && c.fault == nil {
		c.fault, c.rest = e, nil
	}
}
