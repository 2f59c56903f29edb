package packet

import "encoding/binary"

// Suback answers a SUBSCRIBE with one code per filter, in the same order (section 3.9).
type Suback struct {
	PacketID   uint16
	Properties Properties
	Codes      []ReasonCode
}

// Decode reads a SUBACK; it reuses the memory of Codes.
func (s *Suback) Decode(f Frame, v Version) error {
	*s = Suback{Codes: s.Codes[:0]}
	c := newCursor(f, v)
	c.checkType(TypeSuback)
	c.checkFlags(f)
	s.PacketID = c.packetID()
	if v >= V5 {
		s.Properties.decode(&c, TypeSuback)
	}
	s.Codes = c.reasons(s.Codes)
	return c.done()
}

// reasons reads the codes that fill the rest of a SUBACK or UNSUBACK.
func (c *cursor) reasons(codes []ReasonCode) []ReasonCode {
	if c.fault == nil && len(c.rest) == 0 {
		c.failCode(ProtocolError, c.pick("MQTT-3.8.4-6", "MQTT-3.8.4-5"), "no reason code")
	}
	for len(c.rest) > 0 {
		code := c.reason()
		if c.version < V5 && code.Failed() && code != UnspecifiedError {
			c.fail("MQTT-3.9.3-2", "return code is reserved")
		}
		codes = append(codes, code)
	}
	return codes
}

// Append encodes the SUBACK. For MQTT 3.1.1 every failing code becomes 0x80, the only one there is.
func (s *Suback) Append(dst []byte, v Version) ([]byte, error) {
	if s.PacketID == 0 || len(s.Codes) == 0 {
		return dst, encodeError(TypeSuback, "no packet identifier or no reason code")
	}
	start := len(dst)
	out := binary.BigEndian.AppendUint16(begin(dst, TypeSuback, 0), s.PacketID)
	if v >= V5 {
		var err error
		if out, err = s.Properties.append(out, TypeSuback); err != nil {
			return dst, err
		}
	}
	for _, code := range s.Codes {
		if !code.Valid(TypeSuback) {
			return dst, encodeError(TypeSuback, "reason code is not allowed here")
		}
		if v < V5 && code.Failed() {
			code = UnspecifiedError
		}
		out = append(out, byte(code))
	}
	return finish(out, start)
}
