package broker_test

import (
	"fmt"
	"testing"

	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/broker"
	"github.com/thingward/thingward/server/broker/packet"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/bus/bustest"
)

// both runs fn for each protocol version.
func both(t *testing.T, fn func(t *testing.T, v packet.Version)) {
	t.Helper()
	t.Run("3.1.1", func(t *testing.T) { fn(t, packet.V311) })
	t.Run("5.0", func(t *testing.T) { fn(t, packet.V5) })
}

// TestMessagesReachTheirSubscribers is the main line, on one machine and on a cluster of three.
func TestMessagesReachTheirSubscribers(t *testing.T) {
	bustest.Sizes(t, func(t *testing.T, b *bus.Bus) {
		both(t, func(t *testing.T, v packet.Version) {
			w := newWorld(t, b, broker.Limits{})
			app, d1 := w.account(v, "app"), w.device(v, "d1")
			if codes := app.subscribe("things/+/telemetry/#", "things/+/event"); codes[0] != 1 || codes[1] != 1 {
				t.Fatalf("SUBACK %v", codes)
			}
			if codes := d1.subscribe(protocol.CommandTopic("d1", "+"), protocol.DesiredTopic("d1")); codes[0] != 1 || codes[1] != 1 {
				t.Fatalf("SUBACK %v", codes)
			}
			topic := protocol.TelemetryTopic("d1", "temperature")
			d1.publish(0, topic, "20")
			if p := app.receive(); string(p.Topic) != topic || string(p.Payload) != "20" || p.QoS != 0 {
				t.Errorf("QoS 0: %+v", p)
			}
			for i := range 100 {
				d1.publish(uint16(i+1), topic, fmt.Sprint(i))
			}
			for i := range 100 {
				if a := want[*packet.Ack](d1); a.Type != packet.TypePuback || a.PacketID != uint16(i+1) || a.Code.Failed() {
					t.Fatalf("acknowledgement %d: %+v", i, a)
				}
				if p := app.receive(); string(p.Payload) != fmt.Sprint(i) || p.QoS != 1 {
					t.Fatalf("message %d: %+v", i, p)
				}
			}
			if err := w.b.Publish(t.Context(), protocol.CommandTopic("d1", "unlock"), []byte("{}"), false); err != nil {
				t.Fatal(err)
			}
			if p := d1.receive(); string(p.Topic) != protocol.CommandTopic("d1", "unlock") {
				t.Errorf("command: %+v", p)
			}
		})
	})
}
