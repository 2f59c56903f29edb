package broker_test

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/broker"
	"github.com/thingward/thingward/server/broker/packet"
)

// TestPayloadsFitTheType shows that a payload off its type reaches nobody, at every QoS and in both versions, and that its event
// says where and not what.
func TestPayloadsFitTheType(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	seen := w.watch()
	w.people.set(broker.Client{Kind: "device", ID: "d1", State: fleet.Active, Type: &fleet.DeviceType{
		Name: "meter", Version: "2.1.0", Properties: map[string]fleet.Property{"power": {Type: "number"}}, Streams: map[string]fleet.Stream{"power": {Properties: []string{"power"}}},
	}})
	app := w.account(packet.V5, "app")
	app.subscribe("things/+/telemetry/#")
	topic := protocol.TelemetryTopic("d1", "power")
	bad := func(id uint16, qos byte) *packet.Publish {
		return &packet.Publish{Topic: []byte(topic), Payload: []byte(`{"power":"secret"}`), PacketID: id, QoS: qos}
	}
	d1 := w.device(packet.V5, "d1")
	d1.send(bad(1, 1))
	if a := want[*packet.Ack](d1); a.Type != packet.TypePuback || a.Code != packet.PayloadFormatInvalid || a.Properties.Text(packet.PropReasonString) != "" {
		t.Errorf("QoS 1: %+v", a)
	}
	ev := seen.want("message.schema")
	if ev.Data["place"] != "/power" || ev.Data["reason"] != "is not of type number" || ev.Data["rule"] != "device type meter 2.1.0" {
		t.Errorf("event %v", ev.Data)
	}
	d1.send(bad(2, 2))
	if a := want[*packet.Ack](d1); a.Type != packet.TypePubrec || a.Code != packet.PayloadFormatInvalid {
		t.Errorf("QoS 2: %+v", a)
	}
	d1.send(bad(0, 0))
	d1.publish(3, topic, `{"power":7}`)
	if a := want[*packet.Ack](d1); a.Code != 0 {
		t.Errorf("a good one: %s", a.Code)
	}
	if got := app.receive(); string(got.Payload) != `{"power":7}` {
		t.Errorf("got %s", got.Payload)
	}
	d1.send(&packet.Disconnect{})
	d1.gone()
	old := w.device(packet.V311, "d1")
	old.send(bad(1, 1))
	if a := want[*packet.Ack](old); a.Type != packet.TypePuback {
		t.Errorf("3.1.1, QoS 1: %+v", a)
	}
	old.send(bad(2, 2))
	if a := want[*packet.Ack](old); a.Type != packet.TypePubrec {
		t.Errorf("3.1.1, QoS 2: %+v", a)
	}
	old.send(&packet.Ack{Type: packet.TypePubrel, PacketID: 2})
	if a := want[*packet.Ack](old); a.Type != packet.TypePubcomp {
		t.Errorf("3.1.1, QoS 2: %+v", a)
	}
	old.publish(4, topic, `8`)
	want[*packet.Ack](old)
	if got := app.receive(); string(got.Payload) != `8` {
		t.Errorf("got %s", got.Payload)
	}
}
