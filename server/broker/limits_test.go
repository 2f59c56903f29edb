package broker_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/broker"
	"github.com/thingward/thingward/server/broker/packet"
)

func TestPacketAboveTheLimit(t *testing.T) {
	both(t, func(t *testing.T, v packet.Version) {
		small := *thermostat
		small.Baseline.MaxMessage = 1000
		w := newWorld(t, nil, broker.Limits{})
		w.people.set(broker.Client{Kind: "device", ID: "d1", State: fleet.Active, Type: &small})
		seen := w.watch()
		d1, d2 := w.device(v, "d1"), w.device(v, "d2")
		d1.publish(1, temperature, string(bytes.Repeat([]byte("x"), 900)))
		want[*packet.Ack](d1)
		d1.raw([]byte{0x32, 0xff, 0xff, 0x7f}) // announces two megabytes and sends nothing of it
		d := d1.gone()
		if v == packet.V5 && (d == nil || d.Code != packet.PacketTooLarge) {
			t.Errorf("DISCONNECT %+v", d)
		}
		if ev := seen.want("message.too-large"); ev.Data["limit"] != float64(1000) || ev.Data["size"] != float64(2097155) {
			t.Errorf("event %v", ev.Data)
		}
		d2.publish(1, protocol.TelemetryTopic("d2", "humidity"), string(bytes.Repeat([]byte("x"), 200<<10)))
		want[*packet.Ack](d2)
	})
}

// TestMalformedPacketsEndOnlyTheirConnection runs every one-byte change of a few packets against a broker that serves
// another client meanwhile.
func TestMalformedPacketsEndOnlyTheirConnection(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{SessionsPerDevice: 100})
	seen := w.watch()
	d2 := w.device(packet.V5, "d2")
	for _, bad := range [][]byte{
		{0x00, 0x00},
		{0xf0, 0x00},
		{0x36, 0x05, 0, 1, 'a', 0, 1},
		{0x30, 0x80, 0x00},
		{0x82, 0x00},
		{0x80, 0x02, 0, 1},
		{0x40, 0x01, 0},
		{0x10, 0x00},
		{0x30, 0x03, 0x00, 0x05, 'a'},
		{0x20, 0x02, 0, 0},
		{0x60, 0x02, 0, 1},
		{0x62, 0x02, 0, 0},
		{0x52, 0x02, 0, 1},
		{0x70, 0x03, 0, 1, 0x80},
		{0x90, 0x03, 0, 1, 0},
		{0xe0, 0x01, 0xff},
		{0x34, 0x05, 0, 1, 'a', 0, 1},
		{0x32, 0x05, 0, 1, 'a', 0, 0},
	} {
		c := w.device(packet.V5, "d1")
		c.raw(bad)
		d := c.gone()
		if d == nil || !d.Code.Failed() {
			t.Errorf("% x: %+v", bad, d)
		}
		d2.ping()
	}
	seen.want("message.malformed")
}

func TestReceiveMaximumHolds(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{Receive: 3})
	d1 := w.device(packet.V5, "d1")
	var burst []byte
	for i := range 4 { // in one write, so that none can be acknowledged in between
		burst, _ = message(uint16(i+1), temperature, "x").Append(burst, packet.V5)
	}
	d1.raw(burst)
	if d := d1.gone(); d == nil || d.Code != packet.ReceiveMaximumExceeded {
		t.Errorf("DISCONNECT %+v", d)
	}
}

// TestFloodIsHeldBack: a client above its rate is read more slowly, told of once, and cut when it goes on.
func TestFloodIsHeldBack(t *testing.T) {
	fake := newFake()
	w := newWorldAt(t, nil, broker.Limits{Device: broker.Rate{Messages: 10, Burst: 10}, Flood: 20 * time.Second}, fake)
	seen := w.watch()
	d1 := w.device(packet.V5, "d1", func(p *packet.Connect) { p.KeepAlive = 0 })
	app := w.account(packet.V5, "app", func(p *packet.Connect) { p.KeepAlive = 0 })
	app.subscribe("things/+/telemetry/#")
	var burst []byte
	for range 40 {
		burst, _ = message(0, temperature, "x").Append(burst, packet.V5)
	}
	d1.raw(burst)
	if ev := seen.want("client.throttled"); ev.Data["limit"] != float64(10) || ev.Initiator.ID != "d1" {
		t.Errorf("event %v", ev.Data)
	}
	for range 40 { // held back, not lost
		eventually(t, func() bool { fake.Advance(100 * time.Millisecond); return w.b.Stats().Messages > 0 })
	}
	eventually(t, func() bool { fake.Advance(100 * time.Millisecond); return w.b.Stats().Messages == 40 })
	for range 40 {
		app.receive()
	}
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		for {
			select {
			case <-stop:
				return
			default:
				if _, err := d1.nc.Write(burst); err != nil {
					return
				}
			}
		}
	}()
	eventually(t, func() bool { fake.Advance(tick); _, _, there := w.b.Connected("device", "d1"); return !there })
	if d := d1.gone(); d == nil || d.Code != packet.MessageRateTooHigh {
		t.Errorf("DISCONNECT %+v", d)
	}
}

// TestSlowReader: one that reads nothing loses QoS 0 messages and, after a while, its connection; others get everything.
func TestSlowReader(t *testing.T) {
	fake := newFake()
	w := newWorldAt(t, nil, broker.Limits{Output: 64 << 10, Device: broker.Rate{Messages: 1e6, Burst: 1e6, Bytes: 1e9}}, fake)
	slow, good := w.account(packet.V5, "app"), w.account(packet.V5, "operator")
	slow.subscribe("things/+/telemetry/#")
	good.subscribe("things/+/telemetry/#")
	d1 := w.device(packet.V5, "d1")
	payload := string(bytes.Repeat([]byte("x"), 32<<10))
	for i := 0; w.b.Stats().Dropped == 0; i++ {
		if i > 5000 {
			t.Fatal("nothing is dropped")
		}
		d1.publish(0, temperature, payload)
		good.receive()
	}
	eventually(t, func() bool {
		fake.Advance(tick)
		for _, c := range []*client{good, d1} {
			c.ping()
		}
		s := w.b.Sessions(t.Context(), broker.Filter{ID: "app"})
		return len(s) == 0
	})
}

// TestQueuedForASlowReader: QoS 1 is not dropped for one that reads slowly, it waits.
func TestQueuedForASlowReader(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{Output: 16 << 10, Device: broker.Rate{Messages: 1e6, Burst: 1e6, Bytes: 1e9}})
	app, d1 := w.account(packet.V5, "app"), w.device(packet.V5, "d1")
	app.subscribe("things/+/telemetry/#")
	pad := string(bytes.Repeat([]byte("x"), 20<<10))
	const n = 150
	for i := range n {
		d1.publish(uint16(i+1), temperature, fmt.Sprintf("%d %s", i, pad))
		want[*packet.Ack](d1)
	}
	for i := range n {
		var got int
		if _, err := fmt.Sscan(string(app.receive().Payload), &got); err != nil || got != i {
			t.Fatalf("message %d: %d, %v", i, got, err)
		}
	}
}

func TestClientMaximumPacketSize(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	app := w.account(packet.V5, "app", func(p *packet.Connect) { _ = p.Properties.SetUint(packet.PropMaximumPacketSize, 200) })
	app.subscribe("things/+/telemetry/#")
	d1 := w.device(packet.V5, "d1")
	for i, payload := range []string{string(bytes.Repeat([]byte("x"), 300)), "small"} {
		d1.publish(uint16(i), temperature, payload)
	}
	if p := app.receive(); string(p.Payload) != "small" {
		t.Errorf("%d bytes", len(p.Payload))
	}
}
