package telemetry

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/protocol"
)

// relay passes what a device reports of itself (tamper, forced door, refused update) on as an event, at the severity its type
// gives it. A message that comes twice gives the same event, so that nothing counts it twice.
func (s *Service) relay(ctx context.Context, w watchView, m fleet.Message) {
	typ, err := s.Fleet.Type(ctx, w.typ)
	if err != nil {
		s.refuse(w, m, "comes from a device without a device type")
		return
	}
	var said protocol.DeviceEvent
	if err := json.Unmarshal(m.Payload, &said); err != nil || said.Name == "" {
		s.refuse(w, m, "is no device event: want {\"time\": …, \"name\": …, \"data\": {…}}")
		return
	}
	notice, ok := typ.Events[said.Name]
	if !ok {
		s.refuse(w, m, fmt.Sprintf("names the event %q, which the device type does not declare", clip(said.Name)))
		return
	}
	ev := fleet.NewEvent("device.event", m.Time, w.party(), fleet.Server("telemetry"), map[string]any{"name": said.Name, "said": said.Time, "data": said.Data})
	ev.ID, ev.Severity = id.Derive(m.Time, m.Device, string(m.Payload)), notice.Severity
	s.publish(ev)
}
