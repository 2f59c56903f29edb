package packet

import "encoding/binary"

// Subscription is one entry of a SUBSCRIBE: a filter with its options (section 3.8.3.1). MQTT 3.1.1 has QoS only.
type Subscription struct {
	Filter string
	// QoS is the highest QoS that the subscriber wants.
	QoS byte
	// NoLocal keeps messages from the connection that published them.
	NoLocal bool
	// RetainAsPublished keeps the RETAIN flag as the publisher set it.
	RetainAsPublished bool
	// RetainHandling: retained messages are sent at every subscribe (0), only for a new subscription (1), or never (2).
	RetainHandling byte
}

// Subscribe asks for messages (section 3.8). Filters are copies; Properties of a decoded packet alias the frame's body.
type Subscribe struct {
	PacketID      uint16
	Properties    Properties
	Subscriptions []Subscription
}

// Decode reads a SUBSCRIBE; it reuses the memory of Subscriptions.
func (s *Subscribe) Decode(f Frame, v Version) error {
	*s = Subscribe{Subscriptions: s.Subscriptions[:0]}
	c := newCursor(f, v)
	c.checkType(TypeSubscribe)
	c.checkFlags(f)
	s.PacketID = c.packetID()
	if v >= V5 {
		s.Properties.decode(&c, TypeSubscribe)
	}
	if c.fault == nil && len(c.rest) == 0 {
		c.failCode(ProtocolError, c.pick("MQTT-3.8.3-2", "MQTT-3.8.3-3"), "no topic filter")
	}
	for len(c.rest) > 0 {
		entry := Subscription{Filter: c.filter()}
		entry.setOptions(&c, c.byte())
		s.Subscriptions = append(s.Subscriptions, entry)
	}
	return c.done()
}

// filter reads and checks a topic filter.
func (c *cursor) filter() string {
	b := c.binary()
	if c.fault != nil {
		return ""
	}
	switch fault := scanFilter(b); fault {
	case textOK:
		return string(b)
	case textShare:
		c.failCode(ProtocolError, c.textClause(fault), textDetail(fault))
	default:
		c.fail(c.textClause(fault), textDetail(fault))
	}
	return ""
}

func (s *Subscription) setOptions(c *cursor, options byte) {
	s.QoS = options & 3
	reserved := c.pick("MQTT-3.8.3-5", "MQTT-3-8.3-4")
	if c.version < V5 {
		if options > 2 {
			c.fail(reserved, "reserved bits of the requested QoS are set, or QoS is 3")
		}
		return
	}
	s.NoLocal, s.RetainAsPublished, s.RetainHandling = options&4 != 0, options&8 != 0, options>>4&3
	switch {
	case options&0xc0 != 0:
		c.fail(reserved, "reserved bits of the subscription options are set")
	case s.QoS == 3:
		c.failCode(ProtocolError, "MQTT5 section 3.8.3.1", "QoS 3 does not exist")
	case s.RetainHandling == 3:
		c.failCode(ProtocolError, "MQTT5 section 3.8.3.1", "retain handling 3 does not exist")
	case s.NoLocal && isShare(s.Filter):
		c.failCode(ProtocolError, "MQTT-3.8.3-4", "no local on a shared subscription")
	}
}

func (s *Subscription) options(v Version) byte {
	options := s.QoS
	if v < V5 {
		return options
	}
	if s.NoLocal {
		options |= 4
	}
	if s.RetainAsPublished {
		options |= 8
	}
	return options | s.RetainHandling<<4
}

// check finds what would make the entry malformed.
func (s *Subscription) check() error {
	switch {
	case !ValidFilter(s.Filter):
		return encodeError(TypeSubscribe, "topic filter is not valid")
	case s.QoS > 2 || s.RetainHandling > 2:
		return encodeError(TypeSubscribe, "QoS or retain handling is over 2")
	case s.NoLocal && isShare(s.Filter):
		return encodeError(TypeSubscribe, "no local on a shared subscription")
	}
	return nil
}

// Append encodes the SUBSCRIBE. For MQTT 3.1.1 it leaves out every option but QoS.
func (s *Subscribe) Append(dst []byte, v Version) ([]byte, error) {
	if s.PacketID == 0 || len(s.Subscriptions) == 0 {
		return dst, encodeError(TypeSubscribe, "no packet identifier or no topic filter")
	}
	start := len(dst)
	out := binary.BigEndian.AppendUint16(begin(dst, TypeSubscribe, 2), s.PacketID)
	if v >= V5 {
		var err error
		if out, err = s.Properties.append(out, TypeSubscribe); err != nil {
			return dst, err
		}
	}
	for i := range s.Subscriptions {
		entry := &s.Subscriptions[i]
		if err := entry.check(); err != nil {
			return dst, err
		}
		out = append(appendField(out, entry.Filter), entry.options(v))
	}
	return finish(out, start)
}
