package packet

import (
	"encoding/binary"
	"fmt"
)

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
	for e := src.walk(); e.next(); {
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
	for e := p.walk(); e.next(); {
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
		return propertyError("not a numeric property: " + id.String())
	}
	if value < r.min || value > r.max {
		return propertyError("value out of bounds: " + r.name)
	}
	if e, ok := p.find(id); ok && r.kind != kindVar {
		p.own()
		putUint(p.raw[e.start+1:e.end], value)
		return nil
	}
	p.Remove(id)
	p.addUint(id, r, value)
	return nil
}

func putUint(b []byte, value uint32) {
	for i := range b {
		b[len(b)-1-i] = byte(value >> (8 * i))
	}
}

func (p *Properties) addUint(id PropertyID, r *rule, value uint32) {
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
}

// AddSubscriptionID adds a subscription identifier to those already there.
func (p *Properties) AddSubscriptionID(value uint32) error {
	r := &rules[PropSubscriptionID]
	if value < r.min || value > r.max {
		return propertyError("value out of bounds: " + r.name)
	}
	p.addUint(PropSubscriptionID, r, value)
	return nil
}

// SetText sets a string property, in place of any earlier value. It refuses other properties and strings that section 1.5.4 forbids.
func (p *Properties) SetText(id PropertyID, value string) error {
	r := ruleOf(id)
	switch {
	case r == nil || r.kind != kindText && r.kind != kindTopic:
		return propertyError("not a string property: " + id.String())
	case len(value) > maxText || scanText(value) != textOK:
		return propertyError("not a valid string: " + r.name)
	case r.kind == kindTopic && !ValidTopic(value):
		return propertyError("not a valid topic name: " + r.name)
	}
	setField(p, id, value)
	return nil
}

// SetBytes sets a binary property, in place of any earlier value.
func (p *Properties) SetBytes(id PropertyID, value []byte) error {
	r := ruleOf(id)
	if r == nil || r.kind != kindBinary || len(value) > maxText {
		return propertyError("not a binary property, or too long: " + id.String())
	}
	setField(p, id, value)
	return nil
}

func setField[S bytestring](p *Properties, id PropertyID, value S) {
	p.Remove(id)
	p.own()
	p.raw = appendField(append(p.raw, byte(id)), value)
	p.seen |= 1 << id
}

// AddUser adds a user property to those already there.
func (p *Properties) AddUser(key, value string) error {
	if len(key) > maxText || len(value) > maxText || scanText(key) != textOK || scanText(value) != textOK {
		return propertyError("not a valid string: user property")
	}
	p.own()
	p.raw = binary.BigEndian.AppendUint16(append(p.raw, byte(PropUser)), uint16(len(key)))
	p.raw = appendField(append(p.raw, key...), value)
	p.seen |= 1 << PropUser
	return nil
}

func propertyError(detail string) error {
	return fmt.Errorf("%w: %s", ErrEncode, detail)
}
