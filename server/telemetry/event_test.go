package telemetry

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
)

func TestADeviceEventKeepsTheSeverityOfItsType(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		r.park.types["sensor"].Events = map[string]fleet.Notice{"tamper": {Severity: fleet.Critical}}
		d := r.park.add("s-1", fleet.Active, start)
		said := func(payload string) fleet.Message {
			return fleet.Message{Device: d.ID, Topic: protocol.EventTopic(d.ID), Payload: []byte(payload), QoS: 1, Time: start}
		}
		evs := r.events(func() {
			r.handle(said(`{"time":"2026-03-01T08:00:00Z","name":"tamper","data":{"door":1}}`))
			r.handle(said(`{"time":"2026-03-01T08:00:00Z","name":"tamper","data":{"door":1}}`)) // comes again
		})
		if len(evs) != 2 || evs[0].ID != evs[1].ID || evs[0].Type != "device.event" || evs[0].Severity != fleet.Critical || evs[0].Data["name"] != "tamper" || evs[0].Initiator.ID != d.ID {
			t.Errorf("%+v", evs)
		}
		for _, bad := range []string{`{"name":"ghost"}`, `nonsense`, `{}`, ``} {
			r.clock.Advance(invalidEvery)
			if evs := r.events(func() { r.handle(said(bad)) }); len(evs) != 1 || evs[0].Type != "message.invalid" {
				t.Errorf("%q: %+v", bad, evs)
			}
		}
	})
}
