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
	_, _, shared := packet.ParseShare(want.Filter)
	switch {
	case shared:
		return packet.SharedSubscriptionsNotSupported
	case !c.acl.Load().maySubscribe(want.Filter):
		reason := reasonForeign
		if c.acl.Load().quarantined {
			reason = reasonQuarantined
		}
		c.s.count.denied.Add(1)
		c.s.refuse.report(c.key(), "subscribe.refused", c.party, map[string]any{"filter": clip([]byte(want.Filter)), "reason": reason, "client": c.clientID})
		return packet.NotAuthorized
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
	ss.mu.Lock()
	before := ss.subs
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
	lasting := ss.expiry > 0
	ss.mu.Unlock()
	if lasting {
		ctx, cancel := context.WithTimeout(context.Background(), storeTry)
		defer cancel()
		if err := ss.save(ctx); err != nil {
			ss.mu.Lock()
			ss.subs = before
			ss.mu.Unlock()
			return err
		}
	}
	for _, sub := range made {
		if after[sub.filter] != sub {
			continue // the filter stood twice in one packet: the last one holds
		}
		ss.s.tree.Add(sub.filter, sub)
		if old := before[sub.filter]; old != nil {
			ss.s.tree.Remove(old.filter, old)
		}
	}
	return nil
}

// owe has the retained messages of new subscriptions sent.
func (ss *session) owe(made []*subscription, fresh map[*subscription]bool) {
	var list []owed
	for _, sub := range made {
		if fresh[sub] {
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
	c.ss.mu.Lock()
	for _, filter := range p.Filters {
		sub := c.ss.subs[filter]
		if sub == nil {
			ack.Codes = append(ack.Codes, packet.NoSubscriptionExisted)
			continue
		}
		delete(c.ss.subs, filter)
		gone = append(gone, sub)
		ack.Codes = append(ack.Codes, packet.Success)
	}
	lasting := c.ss.expiry > 0 && len(gone) > 0
	c.ss.mu.Unlock()
	for _, sub := range gone {
		c.s.tree.Remove(sub.filter, sub)
	}
	if lasting {
		ctx, cancel := context.WithTimeout(context.Background(), storeTry)
		defer cancel()
		if err := c.ss.save(ctx); err != nil {
			c.s.Log.Error("end of subscriptions not stored", "session", c.ss.key, "error", err)
		}
	}
	b, err := ack.Append(nil, c.version)
	if err != nil {
		return err
	}
	c.send(b, 0, 0, false)
	return nil
}
