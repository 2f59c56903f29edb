package broker_test

import (
	"strings"
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/broker"
	"github.com/thingward/thingward/server/broker/packet"
	"github.com/thingward/thingward/server/bus"
)

func TestDevicePublishesOnlyItsOwn(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	seen := w.watch()
	d1 := w.device(packet.V5, "d1")
	for i, c := range []struct {
		topic  string
		denied bool
	}{
		{protocol.TelemetryTopic("d1", "temperature"), false},
		{protocol.TelemetryTopic("d1", "health"), false},
		{protocol.EventTopic("d1"), false},
		{protocol.ReportedTopic("d1"), false},
		{protocol.TelemetryTopic("d1", "undeclared"), true},
		{protocol.TelemetryTopic("d1", "temperature/more"), true},
		{protocol.TelemetryTopic("d2", "temperature"), true},
		{protocol.CommandTopic("d1", "unlock"), true},
		{protocol.DesiredTopic("d1"), true},
		{"things/d1", true},
		{"things/", true},
		{"$SYS/x", true},
		{"other", true},
	} {
		d1.publish(uint16(i+1), c.topic, "1")
		ack := want[*packet.Ack](d1)
		if denied := ack.Code == packet.NotAuthorized; denied != c.denied || ack.PacketID != uint16(i+1) {
			t.Errorf("%s: %s", c.topic, ack.Code)
		}
		if c.denied {
			ev := seen.want("publish.refused")
			if ev.Data["topic"] != c.topic || ev.Initiator.ID != "d1" || ev.Initiator.Address != "127.0.0.1" || ev.Data["reason"] == "" {
				t.Errorf("event %+v", ev)
			}
		}
	}
	seen.want("stream.undeclared")
	d1.publish(0, "other", "1") // QoS 0 has no answer, the connection stays
	d1.ping()
	seen.want("publish.refused")
}

func TestDeniedPublishEndsAnOlderClient(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	seen := w.watch()
	for _, id := range []uint16{0, 9} {
		d1 := w.device(packet.V311, "d1")
		d1.publish(id, protocol.EventTopic("d2"), "1")
		if d := d1.gone(); d != nil {
			t.Errorf("3.1.1 server sent DISCONNECT")
		}
		seen.want("publish.refused")
	}
}

func TestSubscriptionsStayInside(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	seen := w.watch()
	type try struct {
		filter string
		code   packet.ReasonCode
	}
	check := func(c *client, tries ...try) {
		t.Helper()
		for _, x := range tries {
			if got := c.subscribe(x.filter)[0]; got != x.code {
				t.Errorf("%s: %s, want %s", x.filter, got, x.code)
			}
			if x.code == packet.NotAuthorized {
				if ev := seen.want("subscribe.refused"); ev.Data["filter"] != x.filter {
					t.Errorf("event %v", ev.Data)
				}
			}
		}
	}
	const no = packet.NotAuthorized
	check(w.device(packet.V5, "d1"),
		try{"things/d1/command/+", 1}, try{"things/d1/command/#", 1}, try{"things/d1/command/unlock", 1}, try{"things/d1/twin/desired", 1},
		try{"things/d1/#", no}, try{"#", no}, try{"things/+/command/+", no}, try{"things/d2/command/+", no}, try{"things/d1/twin/+", no}, try{"$SYS/#", no},
		try{"$share/g/things/d1/command/+", 1}, try{"$share/g/things/d2/command/+", no})
	check(w.account(packet.V5, "app"),
		try{"things/+/telemetry/#", 1}, try{"things/d1/telemetry/x", 1}, try{"things/+/event", 1}, try{"things/+/twin/reported", 1},
		try{"things/+/twin/desired", no}, try{"things/+/command/+", no}, try{"things/#", no})
	check(w.account(packet.V5, "operator"), try{"things/+/twin/desired", 1})
	old := w.device(packet.V311, "d2")
	if got := old.subscribe("#")[0]; got != packet.UnspecifiedError {
		t.Errorf("3.1.1 answers %s", got)
	}
}

func TestAccountPublishesNothing(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	seen := w.watch()
	app := w.account(packet.V5, "app")
	for i, topic := range []string{protocol.CommandTopic("d1", "unlock"), protocol.TelemetryTopic("d1", "temperature"), protocol.DesiredTopic("d1")} {
		app.publish(uint16(i+1), topic, "{}")
		if a := want[*packet.Ack](app); a.Code != packet.NotAuthorized || a.Properties.Text(packet.PropReasonString) != "" {
			t.Errorf("%s: %s %q", topic, a.Code, a.Properties.Text(packet.PropReasonString))
		}
	}
	if ev := seen.want("publish.refused"); !strings.Contains(ev.Data["reason"].(string), "/commands/") || ev.Data["rule"] == "" {
		t.Errorf("the administrator learns %v", ev.Data)
	}
	if _, ack := w.connect(packet.V5, protocol.SubjectAccount, "auditor"); ack.Code != packet.NotAuthorized {
		t.Errorf("an auditor connects: %s", ack.Code)
	}
}

func TestQuarantinedDeviceKeepsItsTwinOnly(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	w.people.set(broker.Client{Kind: "device", ID: "d1", State: fleet.Quarantined, Type: thermostat})
	d1 := w.device(packet.V5, "d1")
	if codes := d1.subscribe(protocol.DesiredTopic("d1"), protocol.CommandTopic("d1", "+")); codes[0] != 1 || codes[1] != packet.NotAuthorized {
		t.Error(codes)
	}
	d1.publish(1, protocol.ReportedTopic("d1"), "{}")
	d1.publish(2, protocol.EventTopic("d1"), "{}")
	codes := map[uint16]packet.ReasonCode{}
	for range 2 {
		a := want[*packet.Ack](d1)
		codes[a.PacketID] = a.Code
	}
	if codes[1].Failed() || codes[2] != packet.NotAuthorized {
		t.Error(codes)
	}
}

// TestChangedTypeChangesTheACL: a new stream of the type is open to a connected device without a reconnect.
func TestChangedTypeChangesTheACL(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	d1 := w.device(packet.V5, "d1")
	wider := *thermostat
	wider.Version, wider.Streams = "2", map[string]fleet.Stream{"pressure": {}}
	w.people.set(broker.Client{Kind: "device", ID: "d1", State: fleet.Active, Type: &wider})
	if err := w.bus.Announce(bus.TopicChanged, bus.Changed{Kind: "type", ID: "thermostat"}); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool {
		d1.publish(1, protocol.TelemetryTopic("d1", "pressure"), "1")
		return !want[*packet.Ack](d1).Code.Failed()
	})
	d1.publish(2, protocol.TelemetryTopic("d1", "temperature"), "1")
	if a := want[*packet.Ack](d1); a.Code != packet.NotAuthorized {
		t.Error("a stream that the type no longer declares is open")
	}
}

func TestRefusalsAreCountedTogetherBeyondTwenty(t *testing.T) {
	fake := newFake()
	w := newWorldAt(t, nil, broker.Limits{}, fake)
	seen := w.watch()
	d1 := w.device(packet.V5, "d1")
	for range 500 {
		d1.publish(0, "other", "1")
	}
	d1.ping()
	for range 20 {
		seen.want("publish.refused")
	}
	seen.none("publish.refused")
	var ev fleet.Event
	eventually(t, func() (ok bool) {
		fake.Advance(tick)
		ev, ok = seen.take("publish.refused")
		return ok
	})
	if ev.Data["count"] != float64(480) {
		t.Errorf("event %v", ev.Data)
	}
}
