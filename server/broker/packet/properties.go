package packet

import (
	"encoding/binary"
	"iter"
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
	in := cursor{rest: raw, kind: c.kind}
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

// all walks the entries. The raw form was checked when it came in, so nothing can fail here.
func (p *Properties) all() iter.Seq[property] {
	return func(yield func(property) bool) {
		for c := (cursor{rest: p.raw}); len(c.rest) > 0; {
			e := property{start: len(p.raw) - len(c.rest), id: PropertyID(c.rest[0])}
			c.rest = c.rest[1:]
			e.number, e.value = skim(&c, rules[e.id].kind)
			e.end = len(p.raw) - len(c.rest)
			if !yield(e) {
				return
			}
		}
	}
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
		for e := range p.all() {
			if e.id == id {
				return e, true
			}
		}
	}
	return property{}, false
}

// Uint returns the value of a numeric property; ok is false when it is absent. Of several subscription identifiers it
// returns the first.
func (p *Properties) Uint(id PropertyID) (value uint32, ok bool) {
	e, ok := p.find(id)
	return e.number, ok && e.value == nil
}

// Bytes returns the value of a string or binary property without copying; ok is false when it is absent.
func (p *Properties) Bytes(id PropertyID) (value []byte, ok bool) {
	if id == PropUser {
		return nil, false
	}
	e, ok := p.find(id)
	return e.value, ok && e.value != nil
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
		for e := range p.all() {
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
		for e := range p.all() {
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
	if len(p.raw) > MaxRemaining {
		return encodeError(t, "properties are too long")
	}
	subscriptions := 0
	for e := range p.all() {
		if rules[e.id].on&(1<<t) == 0 {
			return encodeError(t, "property is not allowed here: "+e.id.String())
		}
		if e.id == PropSubscriptionID {
			subscriptions++
		}
	}
	if subscriptions > 1 && t != TypePublish {
		return encodeError(t, "subscription identifier stands twice")
	}
	return nil
}

// forwarded are the properties of a message that a server passes on unaltered (MQTT-3.3.2-4, -6, -15, -16, -17, -20).
const forwarded = 1<<PropPayloadFormat | 1<<PropMessageExpiry | 1<<PropContentType | 1<<PropResponseTopic |
	1<<PropCorrelationData | 1<<PropUser

// Forward makes p hold those properties of src that a server passes on to subscribers: not the topic alias, not subscription
// identifiers, not the will delay. When src has nothing else, p borrows its bytes and nothing is allocated.
func (p *Properties) Forward(src *Properties) {
	if src.seen&^forwarded == 0 {
		*p = Properties{raw: src.raw[:len(src.raw):len(src.raw)], seen: src.seen}
		return
	}
	out := Properties{owned: true, seen: src.seen & forwarded, raw: make([]byte, 0, len(src.raw))}
	for e := range src.all() {
		if forwarded&(1<<e.id) != 0 {
			out.raw = append(out.raw, src.raw[e.start:e.end]...)
		}
	}
	*p = out
}

// Clone returns properties with memory of their own.
func (p *Properties) Clone() Properties {
	if len(p.raw) == 0 {
		return Properties{}
	}
	return Properties{raw: append([]byte(nil), p.raw...), seen: p.seen, owned: true}
}

// Reset removes all properties and keeps memory of their own for the next ones.
func (p *Properties) Reset() {
	if !p.owned {
		p.raw = nil
	}
	p.raw, p.seen = p.raw[:0], 0
}

// Remove removes a property, every occurrence of it.
func (p *Properties) Remove(id PropertyID) {
	if !p.Has(id) {
		return
	}
	kept := make([]byte, 0, len(p.raw)+8)
	for e := range p.all() {
		if e.id != id {
			kept = append(kept, p.raw[e.start:e.end]...)
		}
	}
	p.raw, p.owned = kept, true
	p.seen &^= 1 << id
}

// own makes the bytes ours, so that they may be written.
func (p *Properties) own() {
	if !p.owned {
		p.raw, p.owned = append(make([]byte, 0, len(p.raw)+16), p.raw...), true
	}
}

// SetUint sets a numeric property, in place of any earlier value. It refuses other properties and values out of bounds.
func (p *Properties) SetUint(id PropertyID, value uint32) error {
	r := ruleOf(id)
	if r == nil || r.kind > kindVar {
		return encodeError(0, "not a numeric property: "+id.String())
	}
	if value < r.min || value > r.max {
		return encodeError(0, "value out of bounds: "+r.name)
	}
	if e, ok := p.find(id); ok && r.kind != kindVar {
		p.own()
		putUint(p.raw[e.start+1:e.end], value)
		return nil
	}
	p.Remove(id)
	return p.addUint(id, r, value)
}

func putUint(b []byte, value uint32) {
	for i := range b {
		b[len(b)-1-i] = byte(value >> (8 * i))
	}
}

func (p *Properties) addUint(id PropertyID, r *rule, value uint32) error {
	p.own()
	p.raw = append(p.raw, byte(id))
	if r.kind == kindVar {
		p.raw = appendVarint(p.raw, int(value))
	} else {
		at, n := len(p.raw), r.kind.width()
		p.raw = append(p.raw, 0, 0, 0, 0)[:at+n]
		putUint(p.raw[at:], value)
	}
	p.seen |= 1 << id
	return nil
}

// AddSubscriptionID adds a subscription identifier to those already there.
func (p *Properties) AddSubscriptionID(value uint32) error {
	r := &rules[PropSubscriptionID]
	if value < r.min || value > r.max {
		return encodeError(0, "value out of bounds: "+r.name)
	}
	return p.addUint(PropSubscriptionID, r, value)
}

// SetText sets a string property, in place of any earlier value. It refuses other properties and strings that section 1.5.4 forbids.
func (p *Properties) SetText(id PropertyID, value string) error {
	r := ruleOf(id)
	switch {
	case r == nil || r.kind != kindText && r.kind != kindTopic:
		return encodeError(0, "not a string property: "+id.String())
	case len(value) > maxText || scanText(value) != textOK:
		return encodeError(0, "not a valid string: "+r.name)
	case r.kind == kindTopic && !ValidTopic(value):
		return encodeError(0, "not a valid topic name: "+r.name)
	}
	p.setField(id, value)
	return nil
}

// SetBytes sets a binary property, in place of any earlier value.
func (p *Properties) SetBytes(id PropertyID, value []byte) error {
	r := ruleOf(id)
	if r == nil || r.kind != kindBinary || len(value) > maxText {
		return encodeError(0, "not a binary property, or too long: "+id.String())
	}
	p.setField(id, string(value))
	return nil
}

func (p *Properties) setField(id PropertyID, value string) {
	p.Remove(id)
	p.own()
	p.raw = appendField(append(p.raw, byte(id)), value)
	p.seen |= 1 << id
}

// AddUser adds a user property to those already there.
func (p *Properties) AddUser(key, value string) error {
	if len(key) > maxText || len(value) > maxText || scanText(key) != textOK || scanText(value) != textOK {
		return encodeError(0, "not a valid string: user property")
	}
	p.own()
	p.raw = binary.BigEndian.AppendUint16(append(p.raw, byte(PropUser)), uint16(len(key)))
	p.raw = appendField(append(p.raw, key...), value)
	p.seen |= 1 << PropUser
	return nil
}
