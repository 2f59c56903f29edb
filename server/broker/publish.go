package broker

import (
	"slices"

	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/broker/packet"
	"github.com/thingward/thingward/server/broker/segment"
)

// onPublish takes one message: checks it against the ACL, packs QoS 1 and 2 for the store and delivers QoS 0 at once.
func (c *conn) onPublish(f packet.Frame, w *work) error {
	p := &w.publish
	if err := p.Decode(f, c.version); err != nil {
		return err
	}
	c.received.Add(1)
	c.s.count.in.Add(1)
	c.bucket.take(len(f.Body))
	if err := p.CheckFromClient(); err != nil {
		return err
	}
	if err := c.resolveAlias(p); err != nil {
		return err
	}
	if p.QoS == 2 {
		if known, err := c.ss.known(c, p.PacketID); known || err != nil {
			return err
		}
	}
	if p.QoS > 0 {
		if err := c.count(); err != nil {
			return err
		}
	}
	if reason := c.judge(p.Topic, p.Payload, p.Retain); reason != "" {
		return c.deny(p, reason)
	}
	if p.QoS == 2 && !c.ss.keepID(c, p.PacketID) {
		return errUnreleased
	}
	c.pack(p, w)
	return nil
}

var errUnreleased = &packet.Error{Packet: packet.TypePublish, Code: packet.ReceiveMaximumExceeded, Clause: "MQTT-3.3.4-9", Detail: "too many QoS 2 messages wait for PUBREL"}

// count counts a message of QoS 1 or 2 as unacknowledged.
func (c *conn) count() error {
	if int(c.unacked.Add(1)) > c.s.Limits.Receive && c.version >= packet.V5 {
		return &packet.Error{Packet: packet.TypePublish, Code: packet.ReceiveMaximumExceeded, Clause: "MQTT-3.3.4-9", Detail: "more messages unacknowledged than Receive Maximum allows"}
	}
	return nil
}

// resolveAlias puts the topic behind an alias in its place, before anything looks at the topic.
func (c *conn) resolveAlias(p *packet.Publish) error {
	alias, ok := p.Properties.Uint(packet.PropTopicAlias)
	if !ok {
		return nil
	}
	bad := &packet.Error{Packet: packet.TypePublish, Code: packet.TopicAliasInvalid, Clause: "MQTT-3.3.2-9", Detail: "topic alias is unknown or above the maximum"}
	if alias == 0 || alias > topicAliases {
		return bad
	}
	if c.aliases == nil {
		c.aliases = make([]string, topicAliases)
	}
	if len(p.Topic) > 0 {
		c.aliases[alias-1] = string(p.Topic)
		return nil
	}
	if c.aliases[alias-1] == "" {
		return bad
	}
	p.Topic = []byte(c.aliases[alias-1])
	return nil
}

func clip(topic []byte) string {
	const most = 200
	if len(topic) > most {
		return string(topic[:most]) + "…"
	}
	return string(topic)
}

// pack makes a record of an allowed publish.
func (c *conn) pack(p *packet.Publish, w *work) {
	var props packet.Properties
	props.Forward(&p.Properties)
	r := segment.Record{QoS: p.QoS, Retain: p.Retain, Origin: c.ss.origin, Topic: p.Topic, Properties: props.Raw(), Payload: p.Payload}
	c.publisher(&r)
	if p.QoS > 0 {
		wait := waiter{c: c, id: p.PacketID}
		if p.QoS == 2 {
			r.Session, r.PacketID, wait.answer = c.ss.nonce, p.PacketID, packet.TypePubrec
		}
		w.stored = segment.Append(w.stored, &r)
		w.waiters = append(w.waiters, wait)
		return
	}
	c.s.loose(&r, w)
}

// publisher sets who published r.
func (c *conn) publisher(r *segment.Record) {
	a := c.acl.Load()
	switch {
	case c.client.Kind == string(protocol.SubjectAccount):
		r.Source, r.Publisher = segment.FromAccount, []byte(c.client.ID)
	case a != nil && len(r.Topic) > len(a.prefix) && string(r.Topic[:len(a.prefix)]) == a.prefix:
		r.Source = segment.FromTopicDevice
	default:
		r.Source, r.Publisher = segment.FromDevice, []byte(c.client.ID)
	}
}

// loose delivers a QoS 0 message to who is there and keeps it for readers inside the server. It is in memory only.
func (s *Service) loose(r *segment.Record, w *work) {
	if s.taps.any() {
		w.loose = segment.Append(w.loose, r)
	}
	w.msg.set(r, 0, 0, w.now)
	if r.Retain {
		s.kept.keep(&w.msg, s.owner(r))
	}
	w.fan.route(s, &w.msg)
}

// owner is the subject under which retained messages are counted.
func (s *Service) owner(r *segment.Record) string {
	kind, id := publisherOf(r)
	return kind + "/" + id
}

// publisherOf is who published a record.
func publisherOf(r *segment.Record) (kind, id string) {
	switch r.Source {
	case segment.FromTopicDevice:
		t, _ := protocol.ParseTopic(string(r.Topic))
		return string(protocol.SubjectDevice), t.Device
	case segment.FromDevice:
		return string(protocol.SubjectDevice), string(r.Publisher)
	case segment.FromAccount:
		return string(protocol.SubjectAccount), string(r.Publisher)
	default:
		return string(protocol.SubjectServer), ""
	}
}

// validServerTopic reports whether the server itself may publish on topic: what devices receive.
func validServerTopic(topic string) bool {
	t, ok := protocol.ParseTopic(topic)
	return ok && packet.ValidTopic(topic) && slices.Contains([]protocol.Kind{protocol.KindCommand, protocol.KindDesired}, t.Kind)
}
