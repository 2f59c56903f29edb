package packet

// Pingreq asks whether the peer is there (section 3.12). It carries nothing.
type Pingreq struct{}

// Decode checks a PINGREQ.
func (Pingreq) Decode(f Frame, v Version) error {
	return decodeEmpty(f, v, TypePingreq)
}

// Append encodes a PINGREQ; it never fails.
func (Pingreq) Append(dst []byte, _ Version) ([]byte, error) {
	return append(dst, byte(TypePingreq)<<4, 0), nil
}

// Pingresp answers a PINGREQ (section 3.13). It carries nothing.
type Pingresp struct{}

// Decode checks a PINGRESP.
func (Pingresp) Decode(f Frame, v Version) error {
	return decodeEmpty(f, v, TypePingresp)
}

// Append encodes a PINGRESP; it never fails.
func (Pingresp) Append(dst []byte, _ Version) ([]byte, error) {
	return append(dst, byte(TypePingresp)<<4, 0), nil
}

func decodeEmpty(f Frame, v Version, t Type) error {
	c := newCursor(f, v)
	c.checkType(t)
	c.checkFlags(f)
	return c.done()
}
