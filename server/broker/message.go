package broker

import (
	"time"

	"github.com/thingward/thingward/server/broker/packet"
	"github.com/thingward/thingward/server/broker/segment"
)

// message is a record on its way to subscribers. It is reused from record to record; its bytes belong to the segment. Each
// form of the packet is encoded once and shared by all subscribers that get the same.
type message struct {
	segment.Record
	seq     uint64 // of its segment; 0 when it is not stored
	off     uint32
	at      time.Time
	props   packet.Properties
	expires time.Time // zero: never
	forms   [6]form   // by QoS, of MQTT 3.1.1 and then 5.0
}

// form is the packet in one version and QoS, without subscription identifiers and retain flag.
type form struct {
	bytes []byte
	idAt  int
	made  bool
}

// set makes m the record at a position. Damaged properties are left out: they were checked when they came in.
func (m *message) set(r *segment.Record, seq uint64, off uint32, at time.Time) {
	m.Record, m.seq, m.off, m.at, m.expires = *r, seq, off, at, time.Time{}
	m.props = packet.Properties{}
	for i := range m.forms {
		m.forms[i].made = false
	}
	if len(r.Properties) == 0 {
		return
	}
	if err := m.props.SetRaw(packet.TypePublish, r.Properties); err != nil {
		m.props = packet.Properties{}
		return
	}
	if s, ok := m.props.Uint(packet.PropMessageExpiry); ok {
		m.expires = at.Add(time.Duration(s) * time.Second)
	}
}

// expired reports whether the message may no longer be delivered (MQTT-3.3.2-5).
func (m *message) expired(now time.Time) bool {
	return !m.expires.IsZero() && !now.Before(m.expires)
}

// encoded is the packet for a receiver, and where its packet identifier goes.
func (m *message) encoded(v packet.Version, qos byte, retain, dup bool, ids []uint32, now time.Time) (b []byte, idAt int) {
	if retain || dup || (v >= packet.V5 && (len(ids) > 0 || !m.expires.IsZero())) {
		return m.encode(nil, v, qos, retain, dup, ids, now)
	}
	f := &m.forms[qos]
	if v >= packet.V5 {
		f = &m.forms[3+qos]
	}
	if !f.made {
		f.bytes, f.idAt = m.encode(f.bytes[:0], v, qos, false, false, nil, now)
		f.made = true
	}
	return f.bytes, f.idAt
}

func (m *message) encode(dst []byte, v packet.Version, qos byte, retain, dup bool, ids []uint32, now time.Time) (b []byte, idAt int) {
	p := packet.Publish{Topic: m.Topic, Payload: m.Payload, QoS: qos, Retain: retain, Dup: dup && qos > 0}
	if qos > 0 {
		p.PacketID = 1 // replaced when it is sent
	}
	if v >= packet.V5 {
		p.Properties = m.props
		if !m.expires.IsZero() {
			left := max(m.expires.Sub(now)/time.Second, 1)
			_ = p.Properties.SetUint(packet.PropMessageExpiry, uint32(left)) // it is there already
		}
		for _, id := range ids {
			_ = p.Properties.AddSubscriptionID(id) // checked at SUBSCRIBE
		}
	}
	b, err := p.Append(dst, v)
	if err != nil {
		return dst[:0], 0 // checked when it came in
	}
	return b, len(b) - p.Size(v) + headerSize(b) + 2 + len(m.Topic)
}

// headerSize is the length of a packet's fixed header.
func headerSize(b []byte) int {
	n := 2
	for n < 5 && b[n-1]&0x80 != 0 {
		n++
	}
	return n
}
