package broker

import (
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/broker/packet"
)

// judge says whether the client may publish this, and if not, why; an alias has been resolved before. Every front asks here, so
// that a message is judged alike whichever way it comes. The reason is for the event and its readers, never for the client.
// It does not allocate for what is allowed.
func (c *conn) judge(topic, payload []byte, retain bool) (reason string) {
	s, reason := c.acl.Load().mayPublish(topic)
	if reason != "" {
		return reason
	}
	if s != nil && (!retain || len(payload) > 0) { // an empty one only removes what is retained
		if place, how := s.unfit(payload); place != "" {
			c.unfit(topic, place, how)
			return reasonPayload
		}
	}
	if retain && len(payload) > 0 && !c.s.kept.room(c.subject, topic) {
		return reasonQuota
	}
	return ""
}

// codeOf is what the client is told of a reason. That something is not allowed is all it hears: what lies behind is for the
// administrator, who finds it in the event.
func codeOf(reason string) packet.ReasonCode {
	switch reason {
	case reasonQuota:
		return packet.QuotaExceeded
	case reasonPayload:
		return packet.PayloadFormatInvalid
	}
	return packet.NotAuthorized
}

// rule names what a refusal rests on, for the administrator.
func (c *conn) rule(reason string) string {
	switch t := c.client.Type; {
	case reason == reasonQuota:
		return "limit retainedPerClient"
	case reason == reasonQuarantined:
		return "state quarantined"
	case c.client.Kind != string(protocol.SubjectDevice):
		return "accounts publish nothing"
	case reason == reasonForeign:
		return "own topics of " + c.subject
	case t == nil:
		return "no device type"
	default:
		return "device type " + t.Name + " " + t.Version
	}
}

// plain is what an answer to the client may say of a failure: what it did against the standard, but not what it may not do.
func plain(code packet.ReasonCode, cause string) string {
	if code == packet.NotAuthorized || code == packet.BadUserNameOrPassword || code == packet.Banned {
		return "not authorized"
	}
	return cause
}

// refused counts and reports what a client may not publish.
func (c *conn) refused(topic []byte, reason, what string) {
	c.s.count.denied.Add(1)
	data := map[string]any{"topic": clip(topic), "reason": reason, "rule": c.rule(reason), "client": c.clientID, "what": what}
	c.s.refuse.report(c.key(), "publish.refused", c.party, data)
	if reason == reasonUndeclared {
		c.s.refuse.report(c.key(), "stream.undeclared", c.party, map[string]any{"topic": clip(topic), "client": c.clientID})
	}
}

// unfit counts and reports a payload that does not look as the device type says: where, but not what it holds.
func (c *conn) unfit(topic []byte, place, how string) {
	c.s.count.unfit.Add(1)
	c.s.refuse.report(c.key(), "message.schema", c.party, map[string]any{"topic": clip(topic), "place": place, "reason": how, "rule": c.rule(reasonPayload), "client": c.clientID})
}

// deniedMost is how many refused publishes one connection may send before it is ended.
const deniedMost = 1000

var errPersistent = &packet.Error{Packet: packet.TypePublish, Code: packet.NotAuthorized, Clause: "MQTT5 section 5.4.2", Detail: "the client keeps publishing where it may not"}

// deny answers a publish that is not allowed with its code alone, which ends an exchange of QoS 2 too; MQTT 3.1.1 can only hang
// up (MQTT-3.3.5-2).
func (c *conn) deny(p *packet.Publish, reason string) error {
	code := codeOf(reason)
	if reason != reasonPayload { // that has its own event, and is a mistake, not an attempt
		c.refused(p.Topic, reason, "publish")
		if c.denials++; c.denials > deniedMost {
			return errPersistent
		}
	}
	switch {
	case c.version < packet.V5 && reason == reasonPayload:
		code = packet.Success // 3.1.1 has no word for it: acknowledged, or it would come for ever, and not stored
	case c.version < packet.V5:
		c.end(code, "publish refused: "+reason)
		return errLeft
	}
	if p.QoS == 0 {
		return nil
	}
	c.unacked.Add(-1)
	ack := packet.Ack{Type: packet.TypePuback, PacketID: p.PacketID, Code: code}
	if p.QoS == 2 {
		ack.Type = packet.TypePubrec
	}
	b, err := ack.Append(nil, c.version)
	if err != nil {
		return err
	}
	c.send(b, 0, 0, false)
	return nil
}
