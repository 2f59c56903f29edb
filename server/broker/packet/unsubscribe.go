package packet

import "encoding/binary"

// Unsubscribe ends subscriptions (section 3.10). Filters are copies; Properties of a decoded packet alias the frame's body.
type Unsubscribe struct {
	PacketID   uint16
	Properties Properties
	Filters    []string
}

// Decode reads an UNSUBSCRIBE; it reuses the memory of Filters.
func (u *Unsubscribe) Decode(f Frame, v Version) error {
	*u = Unsubscribe{Filters: u.Filters[:0]}
	c := newCursor(f, v)
	c.checkType(TypeUnsubscribe)
	c.checkFlags(f)
	u.PacketID = c.packetID()
	if v >= V5 {
		u.Properties.decode(&c, TypeUnsubscribe)
	}
	if c.fault == nil && len(c.rest) == 0 {
		c.failCode(ProtocolError, "MQTT-3.10.3-2", "no topic filter")
	}
	for len(c.rest) > 0 {
		u.Filters = append(u.Filters, c.filter())
	}
	return c.done()
}

// Append encodes the UNSUBSCRIBE.
func (u *Unsubscribe) Append(dst []byte, v Version) ([]byte, error) {
	if u.PacketID == 0 || len(u.Filters) == 0 {
		return dst, encodeError(TypeUnsubscribe, "no packet identifier or no topic filter")
	}
	start := len(dst)
	out := binary.BigEndian.AppendUint16(begin(dst, TypeUnsubscribe, 2), u.PacketID)
	if v >= V5 {
		var err error
		if out, err = u.Properties.append(out, TypeUnsubscribe); err != nil {
			return dst, err
		}
	}
	for _, filter := range u.Filters {
		if !ValidFilter(filter) {
			return dst, encodeError(TypeUnsubscribe, "topic filter is not valid")
		}
		out = appendField(out, filter)
	}
	return finish(out, start)
}

// Unsuback answers an UNSUBSCRIBE (section 3.11); MQTT 3.1.1 has no codes in it.
type Unsuback struct {
	PacketID   uint16
	Properties Properties
	Codes      []ReasonCode
}

// Decode reads an UNSUBACK; it reuses the memory of Codes.
func (u *Unsuback) Decode(f Frame, v Version) error {
	*u = Unsuback{Codes: u.Codes[:0]}
	c := newCursor(f, v)
	c.checkType(TypeUnsuback)
	c.checkFlags(f)
	u.PacketID = c.packetID()
	if v >= V5 {
		u.Properties.decode(&c, TypeUnsuback)
		u.Codes = c.reasons(u.Codes)
	}
	return c.done()
}

// Append encodes the UNSUBACK; for MQTT 3.1.1 without codes.
func (u *Unsuback) Append(dst []byte, v Version) ([]byte, error) {
	if u.PacketID == 0 || v >= V5 && len(u.Codes) == 0 {
		return dst, encodeError(TypeUnsuback, "no packet identifier or no reason code")
	}
	start := len(dst)
	out := binary.BigEndian.AppendUint16(begin(dst, TypeUnsuback, 0), u.PacketID)
	if v < V5 {
		return finish(out, start)
	}
	out, err := u.Properties.append(out, TypeUnsuback)
	if err != nil {
		return dst, err
	}
	for _, code := range u.Codes {
		if !code.Valid(TypeUnsuback) {
			return dst, encodeError(TypeUnsuback, "reason code is not allowed here")
		}
		out = append(out, byte(code))
	}
	return finish(out, start)
}
