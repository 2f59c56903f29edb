package packet

// Auth is one step of enhanced authentication (section 3.15), in MQTT 5.0 only.
//
// The standard lets an AUTH with code 0 and no properties leave out both, and elsewhere calls a missing authentication method a
// protocol error; so the empty form is taken and any other form must name its method.
type Auth struct {
	Code       ReasonCode
	Properties Properties
}

// Decode reads an AUTH.
func (a *Auth) Decode(f Frame, v Version) error {
	*a = Auth{}
	c := newCursor(f, v)
	c.checkType(TypeAuth)
	c.checkFlags(f)
	if v < V5 {
		c.failCode(ProtocolError, "MQTT 3.1.1 section 2.2.1", "AUTH does not exist in MQTT 3.1.1")
	}
	if len(c.rest) > 0 {
		a.Code = c.reason()
		a.Properties.decode(&c, TypeAuth)
		if !a.Properties.Has(PropAuthMethod) {
			c.failCode(ProtocolError, "MQTT5 section 3.15.2.2.2", "no authentication method")
		}
	}
	return c.done()
}

// Append encodes the AUTH.
func (a *Auth) Append(dst []byte, v Version) ([]byte, error) {
	switch {
	case v < V5:
		return dst, encodeError(TypeAuth, "AUTH does not exist in MQTT 3.1.1")
	case !a.Code.Valid(TypeAuth):
		return dst, encodeError(TypeAuth, "reason code is not allowed here")
	case !a.Properties.Has(PropAuthMethod) && (a.Code != Success || a.Properties.Len() > 0):
		return dst, encodeError(TypeAuth, "no authentication method")
	}
	start := len(dst)
	out, err := appendResult(begin(dst, TypeAuth, 0), TypeAuth, a.Code, &a.Properties)
	if err != nil {
		return dst, err
	}
	return finish(out, start)
}
