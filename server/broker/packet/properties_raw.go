package packet

// Raw is the encoded form without its length field, for stores. It aliases the properties.
func (p *Properties) Raw() []byte { return p.raw[:len(p.raw):len(p.raw)] }

// SetRaw takes what Raw gave for a packet of type t, checking all of it again. The properties borrow raw.
func (p *Properties) SetRaw(t Type, raw []byte) error {
	*p = Properties{}
	in := cursor{rest: raw, kind: t, version: V5}
	var seen uint64
	for len(in.rest) > 0 {
		seen |= decodeProperty(&in, t, seen)
	}
	if err := in.done(); err != nil {
		return err
	}
	p.raw, p.seen = raw, seen
	return nil
}
