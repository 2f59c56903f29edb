package broker_test

import (
	"fmt"
	"testing"

	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/broker"
	"github.com/thingward/thingward/server/broker/packet"
	"github.com/thingward/thingward/server/bus"
)

const sharedFilter = "$share/workers/things/+/telemetry/#"

// named gives a client its id.
func named(id string) func(*packet.Connect) { return func(p *packet.Connect) { p.ClientID = id } }

// window asks for a Receive Maximum.
func window(n uint32) func(*packet.Connect) {
	return func(p *packet.Connect) {
		if p.Version == packet.V5 {
			_ = p.Properties.SetUint(packet.PropReceiveMaximum, n)
		}
	}
}

// member connects an account's client and makes it a member of the group.
func (w *world) member(v packet.Version, id string, qos byte, adjust ...func(*packet.Connect)) *client {
	w.t.Helper()
	c := w.account(v, "app", append(adjust, named(id))...)
	c.subscribeAt(qos, sharedFilter)
	return c
}

// leave says goodbye and waits until the broker knows.
func (w *world) leave(c *client) {
	w.t.Helper()
	before := w.b.Stats().Connections
	c.send(&packet.Disconnect{})
	c.gone()
	eventually(w.t, func() bool { return w.b.Stats().Connections < before })
}

// stored publishes at QoS 1 and waits for the acknowledgement.
func (c *client) store(topic string, payloads ...string) {
	c.t.Helper()
	for i, p := range payloads {
		c.publish(uint16(i+1), topic, p)
		want[*packet.Ack](c)
	}
}

func numbers(from, to int) (out []string) {
	for i := from; i < to; i++ {
		out = append(out, fmt.Sprint(i))
	}
	return out
}

// TestSharedByTurns: each message goes to one member, in turn, at each QoS; a subscription of one's own gets them all.
func TestSharedByTurns(t *testing.T) {
	kinds(t, func(t *testing.T, v packet.Version, session func(*packet.Connect)) {
		w := newWorld(t, nil, broker.Limits{})
		members := []*client{w.member(v, "m0", 2, session), w.member(v, "m1", 2, session), w.member(v, "m2", 2, session)}
		all, d1 := w.account(v, "operator"), w.device(v, "d1")
		all.subscribeAt(2, "things/+/telemetry/#")
		for qos := range byte(3) {
			for i := range 9 {
				text := fmt.Sprintf("%d/%d", qos, i)
				m := &packet.Publish{Topic: []byte(temperature), Payload: []byte(text), QoS: qos}
				if qos == 2 {
					d1.deliver(1, temperature, text)
				} else {
					m.PacketID = uint16(qos)
					d1.send(m)
				}
				if qos == 1 {
					want[*packet.Ack](d1)
				}
				take := func(c *client) *packet.Publish {
					if qos == 2 {
						return c.receiveExact()
					}
					return c.receive()
				}
				if p := take(members[i%3]); string(p.Payload) != text || p.QoS != qos {
					t.Fatalf("member %d: %+v, want %s", i%3, p, text)
				}
				if p := take(all); string(p.Payload) != text {
					t.Fatalf("%s", p.Payload)
				}
			}
		}
		for _, c := range members {
			c.ping()
		}
		if s := w.b.Sessions(t.Context(), broker.Filter{ID: "app"}); len(s) != 3 || s[0].Subscriptions[0] != sharedFilter || s[0].Inflight != 0 {
			t.Errorf("%+v", s)
		}
		if st := w.b.Stats(); st.Groups != 1 || st.Waiting != 0 {
			t.Errorf("%+v", st)
		}
	})
}

// TestFullMemberIsPassedOver: one that acknowledges nothing gets what its window holds and no more; when all are full, messages
// wait, and go on in order as soon as there is room.
func TestFullMemberIsPassedOver(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	slow, fast := w.member(packet.V5, "slow", 1, window(2)), w.member(packet.V5, "fast", 1, window(1))
	d1 := w.device(packet.V5, "d1")
	d1.store(temperature, "0", "1", "2")
	for _, want := range []string{"0", "2"} {
		if p := slowly(slow); string(p.Payload) != want {
			t.Fatalf("%s, want %s", p.Payload, want)
		}
	}
	first := slowly(fast)
	d1.store(temperature, numbers(3, 50)...)
	if n := w.b.Stats().Waiting; n != 47 {
		t.Errorf("%d wait", n)
	}
	fast.ack(packet.TypePuback, first.PacketID)
	for i := 3; i < 50; i++ {
		if p := fast.receive(); string(p.Payload) != fmt.Sprint(i) {
			t.Fatalf("%s, want %d", p.Payload, i)
		}
	}
	slow.ping()
	fast.ping()
	eventually(t, func() bool { return w.b.Stats().Waiting == 0 })
}

// slowly takes the next message and acknowledges nothing.
func slowly(c *client) *packet.Publish {
	c.t.Helper()
	return want[*packet.Publish](c)
}

// TestUnacknowledgedGoesToAnother: what a member had not acknowledged at QoS 1 when it was lost comes to another one, oldest
// first and before what waits, as a message that was never sent.
func TestUnacknowledgedGoesToAnother(t *testing.T) {
	kinds(t, func(t *testing.T, v packet.Version, session func(*packet.Connect)) {
		w := newWorld(t, nil, broker.Limits{Inflight: 5})
		a, d1 := w.member(v, "a", 1, session), w.device(v, "d1")
		d1.store(temperature, numbers(0, 8)...)
		for range 5 {
			slowly(a)
		}
		b := w.member(v, "b", 1, session)
		for i := 5; i < 8; i++ {
			if p := b.receive(); string(p.Payload) != fmt.Sprint(i) {
				t.Fatalf("%s, want %d", p.Payload, i)
			}
		}
		b.ping()
		_ = a.nc.Close()
		for i := range 5 {
			if p := b.receive(); string(p.Payload) != fmt.Sprint(i) || p.Dup {
				t.Fatalf("%+v, want %d", p, i)
			}
		}
		b.ping()
		a = w.account(v, "app", session, named("a"))
		a.ping() // nothing is left of it
	})
}

// TestExactlyOnceStaysWithItsMember (MQTT-4.8.2-4 and -5).
func TestExactlyOnceStaysWithItsMember(t *testing.T) {
	both(t, func(t *testing.T, v packet.Version) {
		w := newWorld(t, nil, broker.Limits{})
		a := w.member(v, "a", 2, lasting)
		b := w.member(v, "b", 2, lasting)
		d1 := w.device(v, "d1")
		d1.deliver(1, temperature, "0")
		d1.deliver(1, temperature, "1")
		first := slowly(a)
		if p := b.receiveExact(); string(p.Payload) != "1" {
			t.Fatalf("%s", p.Payload)
		}
		_ = a.nc.Close()
		eventually(t, func() bool { return w.b.Stats().Away == 1 })
		b.ping()
		w.stop()
		b.gone()
		w.start()
		b = w.account(v, "app", lasting, named("b"))
		a = w.account(v, "app", lasting, named("a"))
		p := slowly(a)
		if p.PacketID != first.PacketID || !p.Dup || string(p.Payload) != "0" {
			t.Fatalf("%+v, want %+v again", p, first)
		}
		a.ack(packet.TypePubrec, p.PacketID)
		a.wantAck(packet.TypePubrel, p.PacketID, packet.Success)
		a.ack(packet.TypePubcomp, p.PacketID)
		d1 = w.device(v, "d1")
		d1.deliver(1, temperature, "2")
		d1.deliver(2, temperature, "3")
		got := slowly(a)
		_ = a.nc.Close()
		a = w.account(v, "app", named("a")) // a clean start: its session ends
		b.receiveOther(t, string(got.Payload))
		b.ping()
		a.ping()
	})
}

// receiveOther takes one message, which must not be the given one.
func (c *client) receiveOther(t *testing.T, not string) {
	t.Helper()
	for {
		switch p := c.next().(type) {
		case *packet.Publish:
			if string(p.Payload) == not {
				t.Fatalf("%s came to a second member", not)
			}
			c.ack(packet.TypePubrec, p.PacketID)
		case *packet.Ack:
			if p.Type == packet.TypePubrel {
				c.ack(packet.TypePubcomp, p.PacketID)
				return
			}
		default:
			t.Fatalf("%T", p)
		}
	}
}

// TestRefusedMessageIsDropped (MQTT-4.8.2-6): a member's failing answer ends the message.
func TestRefusedMessageIsDropped(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	a := w.member(packet.V5, "a", 2, lasting)
	d1 := w.device(packet.V5, "d1")
	d1.store(temperature, "1")
	p := slowly(a)
	a.send(&packet.Ack{Type: packet.TypePuback, PacketID: p.PacketID, Code: packet.QuotaExceeded})
	d1.deliver(2, temperature, "2")
	p = slowly(a)
	a.send(&packet.Ack{Type: packet.TypePubrec, PacketID: p.PacketID, Code: packet.QuotaExceeded})
	a.ping()
	b := w.member(packet.V5, "b", 2)
	_ = a.nc.Close()
	eventually(t, func() bool { return w.b.Stats().Away == 1 })
	b.ping()
}

// TestSharedOptions: no retained messages, no No Local, the identifier of the member's subscription, its own QoS, RETAIN as it
// asks for, and the end of it.
func TestSharedOptions(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	d1 := w.device(packet.V5, "d1")
	d1.send(retained(1, temperature, "kept"))
	want[*packet.Ack](d1)
	app := w.account(packet.V5, "app", named("a"))
	p := &packet.Subscribe{PacketID: 1, Subscriptions: []packet.Subscription{{Filter: sharedFilter, QoS: 0, RetainAsPublished: true}}}
	_ = p.Properties.SetUint(packet.PropSubscriptionID, 77)
	app.send(p)
	want[*packet.Suback](app)
	app.ping() // nothing retained
	d1.send(retained(2, temperature, "live"))
	got := slowly(app)
	if got.QoS != 0 || !got.Retain {
		t.Errorf("%+v", got)
	}
	for id := range got.Properties.SubscriptionIDs() {
		if id != 77 {
			t.Errorf("identifier %d", id)
		}
	}
	if !got.Properties.Has(packet.PropSubscriptionID) {
		t.Error("no subscription identifier")
	}
	app.send(&packet.Unsubscribe{PacketID: 2, Filters: []string{sharedFilter, "things/+/telemetry/#"}})
	if a := want[*packet.Unsuback](app); a.Codes[0] != packet.Success || a.Codes[1] != packet.NoSubscriptionExisted {
		t.Errorf("UNSUBACK %v", a.Codes)
	}
	want[*packet.Ack](d1)
	d1.store(temperature, "nobody")
	app.ping()
	if n := w.b.Stats().Groups; n != 0 {
		t.Errorf("%d groups left", n)
	}
	b := []byte("\x82\x00\x00\x09\x00\x00\x00")
	f := "$share/g/things/d1/event"
	b[6] = byte(len(f))
	b = append(append(b, f...), 1|4) // No Local
	b[1] = byte(len(b) - 2)
	app.raw(b)
	if d := app.gone(); d == nil || d.Code != packet.ProtocolError {
		t.Errorf("No Local on a shared subscription: %+v", d)
	}
}

// TestSharedWithoutMembersThere: a group whose members are away keeps its messages, over a restart too, up to its bound.
func TestSharedWithoutMembersThere(t *testing.T) {
	both(t, func(t *testing.T, v packet.Version) {
		w := newWorld(t, nil, broker.Limits{AccountQueue: 20})
		seen := w.watch()
		a, b := w.member(v, "a", 1, lasting), w.member(v, "b", 1, lasting)
		d1 := w.device(v, "d1")
		w.leave(a)
		w.leave(b)
		d1.store(temperature, numbers(0, 10)...)
		w.stop()
		w.start()
		d1 = w.device(v, "d1")
		d1.store(temperature, numbers(10, 25)...)
		if n := w.b.Stats().Waiting; n != 20 {
			t.Errorf("%d wait", n)
		}
		if ev := seen.want("messages.dropped"); ev.Data["count"] != float64(5) || ev.Data["session"] != sharedFilter {
			t.Errorf("event %+v", ev)
		}
		a = w.account(v, "app", lasting, named("a"))
		for i := 5; i < 25; i++ {
			if p := a.receive(); string(p.Payload) != fmt.Sprint(i) {
				t.Fatalf("%s, want %d", p.Payload, i)
			}
		}
		a.ping()
		w.leave(a)
		w.stop()
		w.start()
		a = w.account(v, "app", lasting, named("a"))
		a.ping() // acknowledged is acknowledged
		a.send(&packet.Unsubscribe{PacketID: 2, Filters: []string{sharedFilter}})
		want[*packet.Unsuback](a)
		w.account(v, "app", named("b"))
		if n := w.b.Stats().Groups; n != 0 {
			t.Errorf("%d groups without a member", n)
		}
		w.stop()
		w.start()
		if n := w.b.Stats().Groups; n != 0 {
			t.Errorf("%d groups without a member after a restart", n)
		}
	})
}

// TestGroupBeginsAgain: a group that ends as another client asks for the same one is kept all the same.
func TestGroupBeginsAgain(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	a, b := w.account(packet.V5, "app", lasting, named("a")), w.account(packet.V5, "app", lasting, named("b"))
	for range 20 {
		a.subscribe(sharedFilter)
		a.send(&packet.Unsubscribe{PacketID: 2, Filters: []string{sharedFilter}})
		b.subscribe(sharedFilter)
		want[*packet.Unsuback](a)
		b.send(&packet.Unsubscribe{PacketID: 2, Filters: []string{sharedFilter}})
		want[*packet.Unsuback](b)
	}
	a.send(&packet.Unsubscribe{PacketID: 2, Filters: []string{sharedFilter}})
	b.subscribe(sharedFilter)
	want[*packet.Unsuback](a)
	w.leave(b)
	w.device(packet.V5, "d1").store(temperature, "kept")
	w.stop()
	w.start()
	b = w.account(packet.V5, "app", lasting, named("b"))
	if p := b.receive(); string(p.Payload) != "kept" {
		t.Errorf("%s", p.Payload)
	}
}

// TestSharedIsBounded: names, groups and rights.
func TestSharedIsBounded(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{SharedGroups: 2})
	app, d1 := w.account(packet.V5, "app"), w.device(packet.V5, "d1")
	long := "$share/" + fmt.Sprintf("%0129d", 1) + "/things/+/event"
	if codes := app.subscribe("$share/a/things/+/event", "$share/b/things/+/event"); codes[0] != 1 || codes[1] != 1 {
		t.Errorf("%v", codes)
	}
	if codes := app.subscribe("$share/c/things/+/event", long, "$share/a/#", "$share/a/things/+/event"); codes[0] != packet.QuotaExceeded || codes[1] != packet.TopicFilterInvalid || codes[2] != packet.NotAuthorized || codes[3] != 1 {
		t.Errorf("%v", codes)
	}
	if codes := d1.subscribe("$share/a/things/+/event", "$share/a/things/d2/command/+"); codes[0] != packet.NotAuthorized || codes[1] != packet.NotAuthorized {
		t.Errorf("%v", codes)
	}
	d1.store(protocol.EventTopic("d1"), "once to each group")
	for range 2 {
		app.receive()
	}
	app.ping()
}

// TestMemberWithoutTheRight is passed over from the moment its right ends.
func TestMemberWithoutTheRight(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	a, b := w.member(packet.V5, "a", 1), w.account(packet.V5, "operator")
	b.subscribeAt(1, sharedFilter)
	w.people.set(broker.Client{Kind: "account", ID: "app", Name: "app", Disabled: true})
	if err := w.bus.Announce(bus.TopicChanged, bus.Changed{Kind: "account", ID: "app"}); err != nil {
		t.Fatal(err)
	}
	a.gone()
	d1 := w.device(packet.V5, "d1")
	d1.store(temperature, numbers(0, 4)...)
	for range 4 {
		b.receive()
	}
}
