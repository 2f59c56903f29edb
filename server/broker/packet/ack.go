package packet

import "encoding/binary"

// Ack is PUBACK, PUBREC, PUBREL or PUBCOMP (sections 3.4 to 3.7): four packets of one shape.
type Ack struct {
	// Type says which of the four it is.
	Type       Type
	PacketID   uint16
	Code       ReasonCode
	Properties Properties
}

// ackFlags gives the fixed flags of an acknowledgement; ok is false when t is none.
func ackFlags(t Type) (flags byte, ok bool) {
	switch t {
	case TypePubrel:
		return 2, true
	case TypePuback, TypePubrec, TypePubcomp:
		return 0, true
	default:
		return 0, false
	}
}

// Decode reads whichever of the four the frame holds and sets Type.
func (a *Ack) Decode(f Frame, v Version) error {
	*a = Ack{Type: f.Type}
	c := newCursor(f, v)
	if _, ok := ackFlags(f.Type); !ok {
		c.fail("MQTT5 section 2.1.2", "frame is not an acknowledgement")
	}
	c.checkFlags(f)
	a.PacketID = c.packetID()
	if v >= V5 {
		a.Code = c.optionalResult(&a.Properties)
	}
	return c.done()
}

// optionalResult reads a reason code and properties, each of which may be left out at the end of a packet (section 3.4.2.1).
func (c *cursor) optionalResult(p *Properties) ReasonCode {
	if len(c.rest) == 0 {
		return Success
	}
	code := c.reason()
	if len(c.rest) > 0 {
		p.decode(c, c.kind)
	}
	return code
}

// reason reads a reason code and refuses one that is not in the packet's table.
func (c *cursor) reason() ReasonCode {
	code := ReasonCode(c.byte())
	if c.fault == nil && !code.Valid(c.kind) {
		c.failCode(ProtocolError, reasonClause(c.kind), "reason code is not allowed here")
	}
	return code
}

func reasonClause(t Type) string {
	switch t {
	case TypeConnack:
		return "MQTT-3.2.2-8"
	case TypePuback:
		return "MQTT-3.4.2-1"
	case TypePubrec:
		return "MQTT-3.5.2-1"
	case TypePubrel:
		return "MQTT-3.6.2-1"
	case TypePubcomp:
		return "MQTT-3.7.2-1"
	case TypeSuback:
		return "MQTT-3.9.3-2"
	case TypeUnsuback:
		return "MQTT-3.11.3-2"
	case TypeDisconnect:
		return "MQTT-3.14.2-1"
	default:
		return "MQTT-3.15.2-1"
	}
}

// Append encodes the acknowledgement in its shortest form. MQTT 3.1.1 cannot say no: a failing code is refused there, because a plain
// acknowledgement would tell the sender that its message was taken. Close the connection instead (MQTT-3.3.5-2 of 3.1.1).
func (a *Ack) Append(dst []byte, v Version) ([]byte, error) {
	flags, ok := ackFlags(a.Type)
	switch {
	case !ok:
		return dst, encodeError(a.Type, "not an acknowledgement")
	case a.PacketID == 0:
		return dst, encodeError(a.Type, "packet identifier is 0")
	case !a.Code.Valid(a.Type):
		return dst, encodeError(a.Type, "reason code is not allowed here")
	case v < V5 && a.Code.Failed():
		return dst, encodeError(a.Type, "MQTT 3.1.1 has no negative acknowledgement")
	}
	start := len(dst)
	out := binary.BigEndian.AppendUint16(begin(dst, a.Type, flags), a.PacketID)
	if v >= V5 {
		var err error
		if out, err = appendResult(out, a.Type, a.Code, &a.Properties); err != nil {
			return dst, err
		}
	}
	return finish(out, start)
}

// appendResult adds what optionalResult reads, leaving out what may be left out.
func appendResult(dst []byte, t Type, code ReasonCode, p *Properties) ([]byte, error) {
	if p.Len() == 0 {
		if code == Success {
			return dst, nil
		}
		return append(dst, byte(code)), nil
	}
	return p.append(append(dst, byte(code)), t)
}
