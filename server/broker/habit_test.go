package broker_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/broker"
	"github.com/thingward/thingward/server/broker/packet"
)

// TestFarAboveItsOwnRate: a device that sends a message every ten seconds and then many at once is held back within seconds
// although it is below the limit of all; fifty others go on.
func TestFarAboveItsOwnRate(t *testing.T) {
	fake := newFake()
	w := newWorldAt(t, nil, broker.Limits{}, fake)
	seen := w.watch()
	quiet := func(p *packet.Connect) { p.KeepAlive = 0 }
	d1 := w.device(packet.V5, "d1", quiet)
	var honest []*client
	for i := range 50 {
		id := fmt.Sprintf("h%d", i)
		w.people.set(broker.Client{Kind: "device", ID: id, State: fleet.Active, Type: thermostat})
		honest = append(honest, w.device(packet.V5, id, quiet))
	}
	for range 70 {
		d1.publish(1, temperature, "x")
		want[*packet.Ack](d1)
		fake.Advance(10 * time.Second)
	}
	seen.none("client.throttled")
	var burst []byte
	for range 400 {
		burst, _ = message(0, temperature, "x").Append(burst, packet.V5)
	}
	d1.raw(burst)
	if ev := seen.want("client.throttled"); ev.Data["cause"] != "baseline" || ev.Initiator.ID != "d1" || ev.Data["limit"] != float64(10) {
		t.Errorf("event %v", ev.Data)
	}
	for i, c := range honest {
		c.publish(1, protocol.TelemetryTopic(fmt.Sprintf("h%d", i), "temperature"), "x")
		want[*packet.Ack](c)
	}
	eventually(t, func() bool { fake.Advance(tick); return w.b.Stats().Messages == 70+400+50 }) // held back, not lost
	seen.none("client.throttled")
}
