package packet

import "encoding/binary"

// Publish is a message (section 3.3). Topic, Payload and Properties of a decoded message alias the frame's body.
type Publish struct {
	// Topic is the topic name; empty only together with a topic alias (5.0).
	Topic      []byte
	Payload    []byte
	Properties Properties
	// PacketID is 0 exactly when QoS is 0.
	PacketID uint16
	QoS      byte
	Dup      bool
	Retain   bool
}

// Decode reads a PUBLISH without allocating.
func (p *Publish) Decode(f Frame, v Version) error {
	c := newCursor(f, v)
	c.checkType(TypePublish)
	c.checkFlags(f)
	*p = Publish{QoS: f.Flags >> 1 & 3, Dup: f.Flags&8 != 0, Retain: f.Flags&1 != 0}
	p.Topic = c.binary()
	fault := scanTopic(p.Topic)
	if fault != textOK && fault != textEmpty {
		c.fail(c.textClause(fault), textDetail(fault))
	}
	if p.QoS > 0 {
		p.PacketID = c.packetID()
	}
	if v >= V5 {
		p.Properties.decode(&c, TypePublish)
	}
	if fault == textEmpty && !p.Properties.Has(PropTopicAlias) {
		c.failCode(ProtocolError, c.pick("MQTT5 section 3.3.2.1", "MQTT-4.7.3-1"), "topic name is empty")
	}
	p.Payload, c.rest = c.rest, nil
	return c.done()
}

// CheckFromClient refuses what only a server may send: subscription identifiers (MQTT-3.3.4-6).
func (p *Publish) CheckFromClient() error {
	if p.Properties.Has(PropSubscriptionID) {
		return protocolError(TypePublish, "MQTT-3.3.4-6", "a client must not send subscription identifiers")
	}
	return nil
}

// Size is the length of the whole encoded packet, for comparison with the receiver's Maximum Packet Size.
func (p *Publish) Size(v Version) int {
	n := p.remaining(v)
	return 1 + varintSize(n) + n
}

func (p *Publish) remaining(v Version) int {
	n := 2 + len(p.Topic) + len(p.Payload)
	if p.QoS > 0 {
		n += 2
	}
	if v >= V5 {
		n += p.Properties.size()
	}
	return n
}

// Append encodes the message without allocating when dst has room. It does not check the topic's characters again, because
// a broker sends one checked topic many times: a topic that was not decoded must pass [ValidTopic] first.
func (p *Publish) Append(dst []byte, v Version) ([]byte, error) {
	if err := p.check(v); err != nil {
		return dst, err
	}
	dst = append(dst, byte(TypePublish)<<4|p.flags())
	dst = appendVarint(dst, p.remaining(v))
	dst = appendField(dst, p.Topic)
	if p.QoS > 0 {
		dst = binary.BigEndian.AppendUint16(dst, p.PacketID)
	}
	if v >= V5 {
		dst = appendVarint(dst, len(p.Properties.raw))
		dst = append(dst, p.Properties.raw...)
	}
	return append(dst, p.Payload...), nil
}

func (p *Publish) flags() byte {
	flags := p.QoS << 1
	if p.Dup {
		flags |= 8
	}
	if p.Retain {
		flags |= 1
	}
	return flags
}

// check finds what would make the packet malformed.
func (p *Publish) check(v Version) error {
	switch {
	case p.QoS > 2:
		return encodeError(TypePublish, "QoS is over 2")
	case p.QoS == 0 && p.Dup:
		return encodeError(TypePublish, "DUP is set on a QoS 0 message")
	case (p.QoS == 0) != (p.PacketID == 0):
		return encodeError(TypePublish, "packet identifier and QoS do not fit")
	case len(p.Topic) > maxText:
		return encodeError(TypePublish, "topic name is too long")
	case len(p.Topic) == 0 && (v < V5 || !p.Properties.Has(PropTopicAlias)):
		return encodeError(TypePublish, "topic name is empty")
	case p.remaining(v) > MaxRemaining:
		return encodeError(TypePublish, "packet is longer than the protocol allows")
	case v >= V5:
		return p.Properties.allowed(TypePublish)
	}
	return nil
}
