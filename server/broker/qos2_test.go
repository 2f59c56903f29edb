package broker_test

import (
	"fmt"
	"testing"

	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/broker"
	"github.com/thingward/thingward/server/broker/packet"
)

// exact is a QoS 2 publish.
func exact(id uint16, topic, payload string) *packet.Publish {
	return &packet.Publish{Topic: []byte(topic), Payload: []byte(payload), PacketID: id, QoS: 2}
}

func (c *client) subscribeAt(qos byte, filters ...string) {
	c.t.Helper()
	p := &packet.Subscribe{PacketID: 7}
	for _, f := range filters {
		p.Subscriptions = append(p.Subscriptions, packet.Subscription{Filter: f, QoS: qos})
	}
	c.send(p)
	for _, code := range want[*packet.Suback](c).Codes {
		if code != packet.ReasonCode(qos) {
			c.t.Fatalf("SUBACK %s", code)
		}
	}
}

// ack sends one of the four acknowledgements.
func (c *client) ack(typ packet.Type, id uint16) {
	c.t.Helper()
	c.send(&packet.Ack{Type: typ, PacketID: id})
}

// wantAck takes an acknowledgement of a type, identifier and code.
func (c *client) wantAck(typ packet.Type, id uint16, code packet.ReasonCode) {
	c.t.Helper()
	if c.v < packet.V5 {
		code = packet.Success
	}
	if a := want[*packet.Ack](c); a.Type != typ || a.PacketID != id || a.Code != code {
		c.t.Fatalf("got %s %d %s, want %s %d %s", a.Type, a.PacketID, a.Code, typ, id, code)
	}
}

// deliver publishes at QoS 2, all four packets.
func (c *client) deliver(id uint16, topic, payload string) {
	c.t.Helper()
	c.send(exact(id, topic, payload))
	c.wantAck(packet.TypePubrec, id, packet.Success)
	c.ack(packet.TypePubrel, id)
	c.wantAck(packet.TypePubcomp, id, packet.Success)
}

// receiveExact takes the next message, all four packets.
func (c *client) receiveExact() *packet.Publish {
	c.t.Helper()
	p := want[*packet.Publish](c)
	if p.QoS != 2 {
		c.t.Fatalf("QoS %d", p.QoS)
	}
	c.ack(packet.TypePubrec, p.PacketID)
	c.wantAck(packet.TypePubrel, p.PacketID, packet.Success)
	c.ack(packet.TypePubcomp, p.PacketID)
	return p
}

// kinds runs fn for sessions that end with their connection and for those that last, whose exchanges are stored.
func kinds(t *testing.T, fn func(t *testing.T, v packet.Version, session func(*packet.Connect))) {
	t.Helper()
	both(t, func(t *testing.T, v packet.Version) {
		t.Run("clean", func(t *testing.T) { fn(t, v, func(*packet.Connect) {}) })
		t.Run("lasting", func(t *testing.T) { fn(t, v, lasting) })
	})
}

func TestExactlyOnce(t *testing.T) {
	kinds(t, func(t *testing.T, v packet.Version, session func(*packet.Connect)) {
		w := newWorld(t, nil, broker.Limits{})
		app, d1 := w.account(v, "app", session), w.device(v, "d1", session)
		app.subscribeAt(2, "things/+/telemetry/#")
		for i := range 20 {
			d1.deliver(uint16(i%3+1), temperature, fmt.Sprint(i))
			if p := app.receiveExact(); string(p.Payload) != fmt.Sprint(i) || p.Dup {
				t.Fatalf("message %d: %+v", i, p)
			}
		}
		for i := range 100 { // all under way together
			d1.send(exact(uint16(i+1), temperature, fmt.Sprint(i)))
		}
		for rec, comp := uint16(0), uint16(0); comp < 100; {
			a := want[*packet.Ack](d1)
			switch {
			case a.Type == packet.TypePubrec && a.PacketID == rec+1 && !a.Code.Failed():
				rec++
				d1.ack(packet.TypePubrel, a.PacketID)
			case a.Type == packet.TypePubcomp && a.PacketID == comp+1 && !a.Code.Failed():
				comp++
			default:
				t.Fatalf("%+v after %d and %d", a, rec, comp)
			}
		}
		var got []*packet.Publish
		for i := range 100 {
			p := want[*packet.Publish](app)
			if got = append(got, p); string(p.Payload) != fmt.Sprint(i) {
				t.Fatalf("message %d: %+v", i, p)
			}
		}
		for _, p := range got {
			app.ack(packet.TypePubrec, p.PacketID)
		}
		for _, p := range got {
			app.wantAck(packet.TypePubrel, p.PacketID, packet.Success)
			app.ack(packet.TypePubcomp, p.PacketID)
		}
		app.ping()
		if i := w.b.Sessions(t.Context(), broker.Filter{ID: "app"}); i[0].Inflight != 0 {
			t.Errorf("%d under way", i[0].Inflight)
		}
	})
}

// TestRepetitionIsNotStored: the same identifier before PUBREL is the same message, on this connection and on the next one.
func TestRepetitionIsNotStored(t *testing.T) {
	both(t, func(t *testing.T, v packet.Version) {
		w := newWorld(t, nil, broker.Limits{})
		app, d1 := w.account(v, "app"), w.device(v, "d1", lasting)
		app.subscribeAt(1, "things/+/telemetry/#")
		d1.send(exact(5, temperature, "once"))
		d1.wantAck(packet.TypePubrec, 5, packet.Success)
		again := exact(5, temperature, "once")
		again.Dup = true
		d1.send(again)
		d1.wantAck(packet.TypePubrec, 5, packet.Success)
		d1 = w.device(v, "d1", lasting)
		d1.send(again)
		d1.wantAck(packet.TypePubrec, 5, packet.Success)
		w.stop()
		w.start()
		d1 = w.device(v, "d1", lasting)
		app = w.account(v, "app")
		app.subscribeAt(1, "things/+/telemetry/#")
		d1.send(again)
		d1.wantAck(packet.TypePubrec, 5, packet.Success)
		d1.ack(packet.TypePubrel, 5)
		d1.wantAck(packet.TypePubcomp, 5, packet.Success)
		d1.ack(packet.TypePubrel, 5)
		d1.wantAck(packet.TypePubcomp, 5, packet.PacketIdentifierNotFound)
		d1.deliver(5, temperature, "twice")
		if p := app.receive(); string(p.Payload) != "twice" {
			t.Errorf("%s", p.Payload)
		}
		app.ping()
	})
}

// TestExchangesGoOn stops each exchange with a subscriber at each of its steps: by a lost connection, by a take-over and by a
// restart. It goes on where it was, and nothing comes twice.
func TestExchangesGoOn(t *testing.T) {
	for name, interrupt := range map[string]func(w *world, app *client){
		"lost": func(w *world, app *client) {
			_ = app.nc.Close()
			eventually(w.t, func() bool { return w.b.Stats().Away == 1 })
		},
		"takeover":  func(*world, *client) {},
		"restarted": func(w *world, app *client) { w.stop(); app.gone(); w.start() },
	} {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T, v packet.Version) {
				w := newWorld(t, nil, broker.Limits{})
				app := w.account(v, "app", lasting)
				app.subscribeAt(2, "things/+/telemetry/#")
				d1 := w.device(v, "d1")
				var ids []uint16
				for i := range 4 {
					d1.deliver(uint16(i+1), temperature, fmt.Sprint(i))
					ids = append(ids, want[*packet.Publish](app).PacketID)
				}
				app.ack(packet.TypePubrec, ids[0]) // through
				app.wantAck(packet.TypePubrel, ids[0], packet.Success)
				app.ack(packet.TypePubcomp, ids[0])
				app.ack(packet.TypePubrec, ids[1]) // received
				app.wantAck(packet.TypePubrel, ids[1], packet.Success)
				app.ping()
				interrupt(w, app)
				app, _ = w.connect(v, protocol.SubjectAccount, "app", lasting)
				if name == "restarted" { // PUBCOMP itself may be forgotten: asked for once more
					if a, ok := app.next().(*packet.Ack); ok && a.PacketID == ids[0] {
						app.ack(packet.TypePubcomp, ids[0])
						app.wantAck(packet.TypePubrel, ids[1], packet.Success)
					}
				} else {
					app.wantAck(packet.TypePubrel, ids[1], packet.Success)
				}
				app.ack(packet.TypePubcomp, ids[1])
				for i := 2; i < 4; i++ {
					p := want[*packet.Publish](app)
					if p.PacketID != ids[i] || !p.Dup || string(p.Payload) != fmt.Sprint(i) {
						t.Errorf("message %d: %+v", i, p)
					}
				}
				for i := 2; i < 4; i++ {
					app.ack(packet.TypePubrec, ids[i])
					app.wantAck(packet.TypePubrel, ids[i], packet.Success)
					app.ack(packet.TypePubcomp, ids[i])
				}
				app.ping()
			})
		})
	}
}

func TestUnknownIdentifiers(t *testing.T) {
	both(t, func(t *testing.T, v packet.Version) {
		w := newWorld(t, nil, broker.Limits{})
		d1 := w.device(v, "d1")
		d1.ack(packet.TypePubrel, 9)
		d1.wantAck(packet.TypePubcomp, 9, packet.PacketIdentifierNotFound)
		d1.ack(packet.TypePubrec, 9)
		d1.wantAck(packet.TypePubrel, 9, packet.PacketIdentifierNotFound)
		d1.ack(packet.TypePubcomp, 9)
		d1.ack(packet.TypePuback, 9)
		d1.ping()
	})
}

// TestRefusedReceipt: PUBREC with a failing code ends the exchange, and its identifier and its place in the window are free.
func TestRefusedReceipt(t *testing.T) {
	for _, session := range []func(*packet.Connect){func(*packet.Connect) {}, lasting} {
		w := newWorld(t, nil, broker.Limits{})
		app := w.account(packet.V5, "app", session, func(p *packet.Connect) { _ = p.Properties.SetUint(packet.PropReceiveMaximum, 1) })
		app.subscribeAt(2, "things/+/telemetry/#")
		d1 := w.device(packet.V5, "d1")
		for i := range 3 {
			d1.deliver(uint16(i+1), temperature, fmt.Sprint(i))
		}
		p := want[*packet.Publish](app)
		app.ping() // no second one
		app.send(&packet.Ack{Type: packet.TypePubrec, PacketID: p.PacketID, Code: packet.QuotaExceeded})
		for i := 1; i < 3; i++ {
			if p := app.receiveExact(); string(p.Payload) != fmt.Sprint(i) {
				t.Fatalf("%s", p.Payload)
			}
		}
		app.ping()
	}
}

// TestRefusedPublishAtQoS2 is told in PUBREC, which ends the exchange.
func TestRefusedPublishAtQoS2(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{RetainedPerClient: 1, Receive: 3})
	d1 := w.device(packet.V5, "d1")
	for i := range 10 {
		d1.send(exact(uint16(i+1), protocol.EventTopic("d2"), "x"))
		d1.wantAck(packet.TypePubrec, uint16(i+1), packet.NotAuthorized)
	}
	kept := func(id uint16, topic string) *packet.Publish {
		p := exact(id, topic, "x")
		p.Retain = true
		return p
	}
	d1.send(kept(1, temperature))
	d1.wantAck(packet.TypePubrec, 1, packet.Success)
	d1.send(kept(2, protocol.TelemetryTopic("d1", "humidity")))
	d1.wantAck(packet.TypePubrec, 2, packet.QuotaExceeded)
	d1.send(exact(2, temperature, "x"))
	d1.wantAck(packet.TypePubrec, 2, packet.Success)
	d1.send(exact(3, temperature, "x"))
	d1.wantAck(packet.TypePubrec, 3, packet.Success)
	d1.send(exact(4, temperature, "x")) // three are not released
	if d := d1.gone(); d == nil || d.Code != packet.ReceiveMaximumExceeded {
		t.Errorf("DISCONNECT %+v", d)
	}
	old := w.device(packet.V311, "d2", lasting)
	for i := range 7 {
		old.send(exact(uint16(i+1), protocol.TelemetryTopic("d2", "temperature"), "x"))
	}
	for old.next() != nil { // until it is ended
	}
}

func TestEarlyRelease(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	d1 := w.device(packet.V5, "d1")
	b, _ := exact(1, temperature, "x").Append(nil, packet.V5)
	b, _ = (&packet.Ack{Type: packet.TypePubrel, PacketID: 1}).Append(b, packet.V5)
	d1.raw(b)
	if d := d1.gone(); d == nil || d.Code != packet.ProtocolError {
		t.Errorf("DISCONNECT %+v", d)
	}
}

// TestRetainedAndWillAtQoS2: a retained message and a will are exchanged like any other.
func TestRetainedAndWillAtQoS2(t *testing.T) {
	kinds(t, func(t *testing.T, v packet.Version, session func(*packet.Connect)) {
		w := newWorld(t, nil, broker.Limits{})
		d2 := w.device(v, "d2")
		kept := exact(1, protocol.TelemetryTopic("d2", "humidity"), "kept")
		kept.Retain = true
		d2.send(kept)
		d2.wantAck(packet.TypePubrec, 1, packet.Success)
		d2.ack(packet.TypePubrel, 1)
		d2.wantAck(packet.TypePubcomp, 1, packet.Success)
		app := w.account(v, "app", session)
		app.subscribeAt(2, "things/+/telemetry/#", "things/+/event")
		first := want[*packet.Publish](app)
		if !first.Retain || first.QoS != 2 || string(first.Payload) != "kept" {
			t.Errorf("retained: %+v", first)
		}
		if w.b.Sessions(t.Context(), broker.Filter{ID: "app"})[0].ExpirySeconds > 0 {
			w.stop()
			app.gone()
			w.start()
			app = w.account(v, "app", session)
			if p := want[*packet.Publish](app); p.PacketID != first.PacketID || !p.Dup || !p.Retain {
				t.Errorf("retained, once more: %+v", p)
			}
		}
		app.ack(packet.TypePubrec, first.PacketID)
		app.wantAck(packet.TypePubrel, first.PacketID, packet.Success)
		app.ack(packet.TypePubcomp, first.PacketID)
		d1 := w.device(v, "d1", func(p *packet.Connect) {
			p.Will = &packet.Will{Topic: protocol.EventTopic("d1"), Payload: []byte("lost"), QoS: 2}
		})
		_ = d1.nc.Close()
		if p := app.receiveExact(); string(p.Payload) != "lost" {
			t.Errorf("%+v", p)
		}
	})
}
