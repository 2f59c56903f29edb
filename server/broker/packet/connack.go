package packet

// Connack answers a CONNECT (section 3.2). Code is an MQTT 5.0 code in both versions.
type Connack struct {
	SessionPresent bool
	Code           ReasonCode
	Properties     Properties
}

// Decode reads a CONNACK; a 3.1.1 return code is translated into its 5.0 counterpart.
func (a *Connack) Decode(f Frame, v Version) error {
	*a = Connack{}
	c := newCursor(f, v)
	c.checkType(TypeConnack)
	c.checkFlags(f)
	flags := c.byte()
	if flags > 1 {
		c.fail(c.pick("MQTT-3.2.2-1", "MQTT 3.1.1 section 3.2.2.1"), "reserved acknowledge flags are set")
	}
	a.SessionPresent = flags == 1
	if v < V5 {
		a.Code = c.returnCode()
	} else {
		a.Code = c.reason()
		a.Properties.decode(&c, TypeConnack)
	}
	if a.SessionPresent && a.Code != Success {
		c.failCode(ProtocolError, c.pick("MQTT-3.2.2-6", "MQTT-3.2.2-4"), "session present on a refused connection")
	}
	return c.done()
}

func (c *cursor) returnCode() ReasonCode {
	code := c.byte()
	if int(code) < len(connack311) {
		return connack311[code]
	}
	c.fail("MQTT 3.1.1 section 3.2.2.3", "return code is reserved")
	return UnspecifiedError
}

// Append encodes the CONNACK. For MQTT 3.1.1 it translates the code with [ReasonCode.Connack311] and fails when there is no
// translation: then the connection is closed without an answer.
func (a *Connack) Append(dst []byte, v Version) ([]byte, error) {
	code, known := byte(a.Code), true
	if v < V5 {
		code, known = a.Code.Connack311()
	}
	if !known || !a.Code.Valid(TypeConnack) || a.SessionPresent && a.Code != Success {
		return dst, encodeError(TypeConnack, "reason code is not allowed here")
	}
	start, flags := len(dst), byte(0)
	if a.SessionPresent {
		flags = 1
	}
	out := append(begin(dst, TypeConnack, 0), flags, code)
	if v >= V5 {
		var err error
		if out, err = a.Properties.append(out, TypeConnack); err != nil {
			return dst, err
		}
	}
	return finish(out, start)
}
