package packet

import (
	"iter"
	"math/bits"
)

// Properties are the properties of one MQTT 5.0 packet, kept as they stand on the wire: decoding checks them once and copies
// nothing, forwarding is a copy of bytes, order is kept (MQTT-3.3.2-18), and no property costs memory while it is absent.
// The zero value holds none. MQTT 3.1.1 has no properties: decoding leaves them empty, encoding leaves them out.
//
// Decoded properties alias the frame's body. Setters never write into borrowed bytes: the first one copies.
type Properties struct {
	raw   []byte
	seen  uint64
	owned bool
}

// Len is the length of the encoded properties in bytes, without their length field.
func (p *Properties) Len() int {
	return len(p.raw)
}

// Has reports whether the property is there.
func (p *Properties) Has(id PropertyID) bool {
	return id < 64 && p.seen&(1<<id) != 0
}

// decode reads the properties of a packet of type t from c, length field first.
func (p *Properties) decode(c *cursor, t Type) {
	*p = Properties{}
	n := int(c.varint())
	if n == 0 || c.fault != nil {
		return
	}
	raw := c.take(n)
	if raw == nil {
		return
	}
	in := cursor{rest: raw, kind: c.kind, version: c.version}
	var seen uint64
	for len(in.rest) > 0 {
		seen |= decodeProperty(&in, t, seen)
	}
	if in.fault != nil {
		c.fault, c.rest = in.fault, nil
		return
	}
	p.raw, p.seen = raw, seen
}

// decodeProperty checks one property and returns its bit.
func decodeProperty(c *cursor, t Type, seen uint64) uint64 {
	id := PropertyID(c.byte())
	r := ruleOf(id)
	switch {
	case r == nil:
		c.fail("MQTT5 section 2.2.2.2", "property identifier does not exist")
		return 0
	case r.on&(1<<t) == 0:
		c.fail("MQTT5 section 2.2.2.2", "property is not allowed here: "+r.name)
		return 0
	case seen&(1<<id) != 0 && !id.repeats(t):
		c.failCode(ProtocolError, r.clause, "property stands twice: "+r.name)
		return 0
	}
	r.read(c)
	return 1 << id
}

// property is one entry of the raw form: where it starts and ends, and its value.
type property struct {
	id         PropertyID
	start, end int
	number     uint32
	value      []byte
}

// walker goes over the entries. The raw form was checked when it came in, so nothing can fail here.
type walker struct {
	property
	in   cursor
	size int
}

func (p *Properties) walk() walker {
	return walker{in: cursor{rest: p.raw}, size: len(p.raw)}
}

// next moves to the next entry and reports whether there is one.
func (w *walker) next() bool {
	if len(w.in.rest) == 0 {
		return false
	}
	w.start = w.size - len(w.in.rest)
	w.id = PropertyID(w.in.byte())
	w.number, w.value = skim(&w.in, rules[w.id].kind)
	w.end = w.size - len(w.in.rest)
	return true
}

// skim reads a value without checking it again.
func skim(c *cursor, k valueKind) (number uint32, value []byte) {
	switch k {
	case kindByte:
		return uint32(c.byte()), nil
	case kindTwo:
		return uint32(c.uint16()), nil
	case kindFour:
		return c.uint32(), nil
	case kindVar:
		return c.varint(), nil
	case kindPair:
		value = c.binary()
		c.binary()
		return 0, value
	default:
		return 0, c.binary()
	}
}

func (p *Properties) find(id PropertyID) (property, bool) {
	if p.Has(id) {
		for e := p.walk(); e.next(); {
			if e.id == id {
				return e.property, true
			}
		}
	}
	return property{}, false
}

// Uint returns the value of a numeric property; ok is false when it is absent. Of several subscription identifiers it
// returns the first.
func (p *Properties) Uint(id PropertyID) (value uint32, ok bool) {
	e, ok := p.find(id)
	return e.number, ok && rules[id].kind <= kindVar
}

// Bytes returns the value of a string or binary property without copying; ok is false when it is absent.
func (p *Properties) Bytes(id PropertyID) (value []byte, ok bool) {
	if r := ruleOf(id); r == nil || r.kind <= kindVar || r.kind == kindPair {
		return nil, false
	}
	e, ok := p.find(id)
	return e.value, ok
}

// Text returns a copy of the value of a string property, "" when it is absent.
func (p *Properties) Text(id PropertyID) string {
	b, _ := p.Bytes(id)
	return string(b)
}

// Users walks the user properties in their order. Key and value alias the properties.
func (p *Properties) Users() iter.Seq2[[]byte, []byte] {
	return func(yield func(key, value []byte) bool) {
		if !p.Has(PropUser) {
			return
		}
		for e := p.walk(); e.next(); {
			if e.id != PropUser {
				continue
			}
			if at := e.start + 1 + 2 + len(e.value); !yield(e.value, p.raw[at+2:e.end:e.end]) {
				return
			}
		}
	}
}

// SubscriptionIDs walks the subscription identifiers: one in SUBSCRIBE, any number in PUBLISH.
func (p *Properties) SubscriptionIDs() iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		if !p.Has(PropSubscriptionID) {
			return
		}
		for e := p.walk(); e.next(); {
			if e.id == PropSubscriptionID && !yield(e.number) {
				return
			}
		}
	}
}

// size is the encoded size with the length field.
func (p *Properties) size() int {
	return varintSize(len(p.raw)) + len(p.raw)
}

// append adds the properties with their length field; t decides which are allowed.
func (p *Properties) append(dst []byte, t Type) ([]byte, error) {
	if err := p.allowed(t); err != nil {
		return dst, err
	}
	dst = appendVarint(dst, len(p.raw))
	return append(dst, p.raw...), nil
}

// allowed refuses properties that a packet of type t may not carry.
func (p *Properties) allowed(t Type) error {
	if p.seen == 0 {
		return nil
	}
	if wrong := p.seen &^ allowedOn[t]; wrong != 0 {
		return encodeError(t, "property is not allowed here: "+PropertyID(bits.TrailingZeros64(wrong)).String())
	}
	if len(p.raw) > MaxRemaining {
		return encodeError(t, "properties are too long")
	}
	if t == TypeSubscribe {
		return p.oneSubscriptionID()
	}
	return nil
}

func (p *Properties) oneSubscriptionID() error {
	n := 0
	for range p.SubscriptionIDs() {
		n++
	}
	if n > 1 {
		return encodeError(TypeSubscribe, "subscription identifier stands twice")
	}
	return nil
}
