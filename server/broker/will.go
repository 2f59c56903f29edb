package broker

import (
	"time"

	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/broker/packet"
	"github.com/thingward/thingward/server/broker/segment"
)

// will is the message to publish when a client is lost. It is stored with a session that lasts.
type will struct {
	Topic      string        `json:"topic"`
	Payload    []byte        `json:"payload"`
	QoS        byte          `json:"qos"`
	Retain     bool          `json:"retain,omitempty"`
	Properties []byte        `json:"properties,omitempty"`
	Delay      time.Duration `json:"delay,omitempty"`
}

func makeWill(w *packet.Will) *will {
	if w == nil {
		return nil
	}
	var props packet.Properties
	props.Forward(&w.Properties)
	delay, _ := w.Properties.Uint(packet.PropWillDelay)
	return &will{w.Topic, w.Payload, w.QoS, w.Retain, raw(&props), time.Duration(delay) * time.Second}
}

// changeWill puts a new connection's will in place of the last one's. The old one is returned if it is due: its connection
// was taken over, and only a delay would have spared it (section 3.1.2.5).
func (ss *session) changeWill(w *will) (due *will) {
	if old := ss.will; old != nil && ss.conn.Load() != nil && min(old.Delay, ss.expiry) == 0 {
		due = old
	}
	ss.will, ss.willAt = w, time.Time{}
	return due
}

// publishWill sends a will like any message of its client.
func (s *Service) publishWill(ss *session, w *will) {
	r := segment.Record{Source: segment.FromDevice, QoS: w.QoS, Retain: w.Retain, Origin: ss.origin, Publisher: []byte(ss.id), Topic: []byte(w.Topic), Properties: w.Properties, Payload: w.Payload}
	if ss.kind == string(protocol.SubjectAccount) {
		r.Source = segment.FromAccount
	}
	s.count.wills.Add(1)
	if r.QoS > 0 {
		s.commit.submit(segment.Append(nil, &r), []waiter{{}})
		return
	}
	x := s.works.Get().(*work)
	defer s.works.Put(x)
	x.now = s.Clock.Now()
	s.loose(&r, x)
	if len(x.loose) > 0 {
		s.taps.offer(x.loose, x.now)
		x.loose = x.loose[:0]
	}
	x.fan.kick()
}

// raw copies the properties out of their packet.
func raw(p *packet.Properties) []byte {
	own := p.Clone()
	return own.Raw()
}
