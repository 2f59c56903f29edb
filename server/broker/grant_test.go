package broker_test

import (
	"slices"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/broker"
	"github.com/thingward/thingward/server/broker/packet"
	"github.com/thingward/thingward/server/bus"
)

var lock = &fleet.DeviceType{Name: "lock", Version: "1", Streams: map[string]fleet.Stream{"door": {Class: "restricted"}, "battery": {Class: "internal"}}}

// granted sets what app may receive and tells the broker.
func (w *world) granted(grants ...fleet.Grant) {
	w.t.Helper()
	w.people.set(broker.Client{Kind: "account", ID: "app", Name: "app", Roles: []access.Role{access.Application}, Grants: grants})
	if err := w.bus.Announce(bus.TopicChanged, bus.Changed{Kind: "account", ID: "app"}); err != nil {
		w.t.Fatal(err)
	}
}

func TestRoleAloneOpensNothing(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	w.granted()
	app := w.account(packet.V5, "app")
	if got := app.subscribe("things/+/telemetry/#", "things/d1/event"); got[0] != packet.NotAuthorized || got[1] != packet.NotAuthorized {
		t.Error(got)
	}
}

// TestGrantsNarrow shows that type, site and class of data decide, which no filter can say.
func TestGrantsNarrow(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	w.people.set(broker.Client{Kind: "device", ID: "d1", State: fleet.Active, Type: thermostatIn("internal"), Site: "hall"})
	w.people.set(broker.Client{Kind: "device", ID: "d2", State: fleet.Active, Type: lock, Site: "yard"})
	for name, x := range map[string]struct {
		grant fleet.Grant
		want  []string
	}{
		"type":  {fleet.Grant{ID: "g", Kinds: []string{"telemetry"}, Type: "lock"}, []string{"things/d2/telemetry/battery", "things/d2/telemetry/health"}},
		"site":  {fleet.Grant{ID: "g", Kinds: []string{"telemetry"}, Site: "hall"}, []string{"things/d1/telemetry/temperature", "things/d1/telemetry/health"}},
		"class": {fleet.Grant{ID: "g", Kinds: []string{"telemetry"}, Type: "lock", Classes: []string{"restricted"}}, []string{"things/d2/telemetry/battery", "things/d2/telemetry/door", "things/d2/telemetry/health"}},
	} {
		t.Run(name, func(t *testing.T) {
			w.granted(x.grant)
			app := w.account(packet.V5, "app", func(p *packet.Connect) { p.ClientID = name })
			if got := app.subscribe("things/+/telemetry/#")[0]; got != 1 {
				t.Fatal(got)
			}
			d1, d2 := w.device(packet.V5, "d1"), w.device(packet.V5, "d2")
			for i, topic := range []string{"temperature", "health"} {
				d1.publish(uint16(i+1), protocol.TelemetryTopic("d1", topic), "1")
				want[*packet.Ack](d1)
			}
			for i, topic := range []string{"battery", "door", "health"} {
				d2.publish(uint16(i+1), protocol.TelemetryTopic("d2", topic), "1")
				want[*packet.Ack](d2)
			}
			var got []string
			for range x.want {
				got = append(got, string(app.receive().Topic))
			}
			app.ping() // nothing else came
			slices.Sort(got)
			slices.Sort(x.want)
			if !slices.Equal(got, x.want) {
				t.Errorf("got %v, want %v", got, x.want)
			}
			app.send(&packet.Disconnect{})
		})
	}
}

func thermostatIn(class string) *fleet.DeviceType {
	return &fleet.DeviceType{Name: "thermostat", Version: "1", Streams: map[string]fleet.Stream{"temperature": {Class: class}, "humidity": {Class: class}}}
}

func TestRevokedGrantEndsAtOnce(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	w.people.set(broker.Client{Kind: "device", ID: "d1", State: fleet.Active, Type: thermostatIn("internal"), Site: "hall"})
	climate := fleet.Grant{ID: "g1", Kinds: []string{"telemetry"}, Type: "thermostat"}
	events := fleet.Grant{ID: "g2", Kinds: []string{"event"}}
	w.granted(climate, events)
	app, d1 := w.account(packet.V5, "app"), w.device(packet.V5, "d1")
	if got := app.subscribe("things/+/telemetry/temperature", "things/+/event"); got[0] != 1 || got[1] != 1 {
		t.Fatal(got)
	}
	d1.publish(1, protocol.TelemetryTopic("d1", "temperature"), "1")
	want[*packet.Ack](d1)
	if got := app.receive(); string(got.Payload) != "1" {
		t.Fatal(got)
	}
	w.granted(events)
	w.until(func() bool { return app.subscribe("things/d1/telemetry/humidity")[0] == packet.NotAuthorized })
	d1.publish(2, protocol.TelemetryTopic("d1", "temperature"), "2")
	want[*packet.Ack](d1)
	d1.publish(3, protocol.EventTopic("d1"), "{}")
	want[*packet.Ack](d1)
	if got := app.receive(); string(got.Topic) != protocol.EventTopic("d1") {
		t.Errorf("got %s after its grant ended", got.Topic)
	}
	// A device that moves leaves a grant's reach too.
	site := fleet.Grant{ID: "g3", Kinds: []string{"telemetry"}, Site: "hall"}
	w.granted(events, site)
	w.until(func() bool { return app.subscribe("things/d1/telemetry/humidity")[0] == 1 })
	w.people.set(broker.Client{Kind: "device", ID: "d1", State: fleet.Active, Type: thermostatIn("internal"), Site: "yard"})
	if err := w.bus.Announce(bus.TopicChanged, bus.Changed{Kind: "device", ID: "d1"}); err != nil {
		t.Fatal(err)
	}
	w.until(func() bool {
		d1.publish(4, protocol.TelemetryTopic("d1", "humidity"), "4")
		want[*packet.Ack](d1)
		d1.publish(5, protocol.EventTopic("d1"), "{}")
		want[*packet.Ack](d1)
		first := app.receive()
		if string(first.Topic) == protocol.EventTopic("d1") {
			return true
		}
		app.receive()
		return false
	})
}

// until tries until it is so.
func (w *world) until(so func() bool) {
	w.t.Helper()
	for end := time.Now().Add(patience); !so(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			w.t.Fatal("it never came to that")
		}
	}
}
