package broker

import (
	"context"
	"slices"

	"github.com/thingward/thingward/server/broker/packet"
)

// onSubscribe takes filters that the ACL allows. A session that lasts is stored with them before SUBACK.
func (c *conn) onSubscribe(f packet.Frame) error {
	var p packet.Subscribe
	if err := p.Decode(f, c.version); err != nil {
		return err
	}
	id, _ := p.Properties.Uint(packet.PropSubscriptionID)
	ack := packet.Suback{PacketID: p.PacketID}
	var made []*subscription
	fresh := map[*subscription]bool{}
	for _, want := range p.Subscriptions {
		code := c.judgeFilter(want, len(made))
		ack.Codes = append(ack.Codes, code)
		if code.Failed() {
			continue
		}
		sub := &subscription{ss: c.ss, filter: want.Filter, qos: byte(code), noLocal: want.NoLocal, asIs: want.RetainAsPublished, id: id, open: true}
		made = append(made, sub)
		c.ss.mu.Lock()
		_, known := c.ss.subs[want.Filter]
		c.ss.mu.Unlock()
		fresh[sub] = want.RetainHandling == 0 || (want.RetainHandling == 1 && !known)
	}
	if err := c.ss.subscribe(made); err != nil {
		c.s.Log.Error("subscriptions not stored", "session", c.ss.key, "error", err)
		for i := range ack.Codes {
			ack.Codes[i] = packet.UnspecifiedError
		}
		made = nil
	}
	b, err := ack.Append(nil, c.version)
	if err != nil {
		return err
	}
	c.send(b, 0, 0, false)
	c.ss.owe(made, fresh)
	return nil
}

// judgeFilter says what is granted for one filter.
func (c *conn) judgeFilter(want packet.Subscription, more int) packet.ReasonCode {
	name, inner, shared := packet.ParseShare(want.Filter)
	switch {
	case !c.acl.Load().maySubscribe(inner):
		reason := reasonForeign
		if c.acl.Load().quarantined {
			reason = reasonQuarantined
		}
		c.s.count.denied.Add(1)
		c.s.refuse.report(c.key(), "subscribe.refused", c.party, map[string]any{"filter": clip([]byte(want.Filter)), "reason": reason, "client": c.clientID})
		return packet.NotAuthorized
	}
	if shared {
		if code, ok := c.s.judgeShare(want.Filter, name); !ok {
			return code
		}
	}
	c.ss.mu.Lock()
	defer c.ss.mu.Unlock()
	if _, known := c.ss.subs[want.Filter]; !known && len(c.ss.subs)+more >= c.s.Limits.Subscriptions {
		return packet.QuotaExceeded
	}
	return packet.ReasonCode(want.QoS)
}

// subscribe adds subscriptions in place of older ones of the same filters. Storing fails without a change.
func (ss *session) subscribe(made []*subscription) error {
	if len(made) == 0 {
		return nil
	}
	from := ss.s.commit.routed.Load()
	ctx, cancel := context.WithTimeout(context.Background(), storeTry)
	defer cancel()
	ss.mu.Lock()
	before, lasting := ss.subs, ss.expiry > 0
	ss.mu.Unlock()
	if err := ss.joinAll(ctx, made, lasting); err != nil {
		ss.s.part(made)
		return err
	}
	ss.mu.Lock()
	after := make(map[string]*subscription, len(before)+len(made))
	for f, sub := range before {
		after[f] = sub
	}
	for _, sub := range made {
		sub.from = from
		if old := before[sub.filter]; old != nil {
			sub.from = old.from
		}
		after[sub.filter] = sub
	}
	ss.subs = after
	ss.reshare()
	ss.mu.Unlock()
	if lasting {
		if err := ss.save(ctx); err != nil {
			ss.mu.Lock()
			ss.subs = before
			ss.reshare()
			ss.mu.Unlock()
			ss.s.part(made)
			return err
		}
	}
	for _, sub := range made {
		if after[sub.filter] != sub { // the filter stood twice in one packet: the last one holds
			ss.s.part([]*subscription{sub})
			continue
		}
		ss.s.place(sub)
		if old := before[sub.filter]; old != nil {
			ss.s.displace(old)
		}
	}
	return nil
}

// owe has the retained messages of new subscriptions sent.
func (ss *session) owe(made []*subscription, fresh map[*subscription]bool) {
	var list []owed
	ss.openShared(made)
	for _, sub := range made {
		if fresh[sub] && sub.team == nil {
			ss.s.kept.match(sub.filter, func(topic string) { list = append(list, owed{topic, sub}) })
		}
	}
	if len(list) == 0 {
		return
	}
	ss.mu.Lock()
	defer ss.mu.Unlock()
	ss.owed = slices.DeleteFunc(ss.owed, func(o owed) bool { return ss.subs[o.sub.filter] != o.sub }) // of replaced subscriptions
	ss.owed = append(ss.owed, list...)
	ss.pumpLocked()
}

// onUnsubscribe ends subscriptions.
func (c *conn) onUnsubscribe(f packet.Frame) error {
	var p packet.Unsubscribe
	if err := p.Decode(f, c.version); err != nil {
		return err
	}
	ack := packet.Unsuback{PacketID: p.PacketID}
	var gone []*subscription
	var back []given
	c.ss.mu.Lock()
	for _, filter := range p.Filters {
		sub := c.ss.subs[filter]
		if sub == nil {
			ack.Codes = append(ack.Codes, packet.NoSubscriptionExisted)
			continue
		}
		delete(c.ss.subs, filter)
		back = append(back, c.ss.forgo(sub)...)
		gone = append(gone, sub)
		ack.Codes = append(ack.Codes, packet.Success)
	}
	c.ss.reshare()
	lasting := c.ss.expiry > 0 && len(gone) > 0
	c.ss.mu.Unlock()
	restore(back)
	for _, sub := range gone {
		if sub.team == nil {
			c.s.displace(sub)
		}
	}
	if lasting {
		ctx, cancel := context.WithTimeout(context.Background(), storeTry)
		defer cancel()
		if err := c.ss.save(ctx); err != nil {
			c.s.Log.Error("end of subscriptions not stored", "session", c.ss.key, "error", err)
		}
	}
	c.s.part(gone) // after the session's record: that of the group may go with its last member
	b, err := ack.Append(nil, c.version)
	if err != nil {
		return err
	}
	c.send(b, 0, 0, false)
	return nil
}
