package telemetry

import (
	"context"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/store"
)

const (
	maxAhead  = 30 * time.Second   // a device's clock may be ahead
	maxBehind = 7 * 24 * time.Hour // a device may have been offline
)

// point is one reading on its way into the database.
type point struct {
	device, stream string
	reading
	at time.Time
}

// Handle takes messages of devices. Every one is a sign of life; those on telemetry streams are stored. It may see a
// message again: a point is stored once. What does not fit its type is dropped, counted and reported as message.invalid;
// an error means that nothing was stored and the batch must come again.
func (s *Service) Handle(ctx context.Context, msgs []fleet.Message) error {
	var points []point
	for _, m := range msgs {
		t, ok := protocol.ParseTopic(m.Topic)
		if !ok || m.Device == "" || t.Device != m.Device {
			continue
		}
		d, err := s.heard(ctx, m.Device, m.Time)
		if err != nil {
			return err
		}
		switch {
		case !d.state.MayConnect():
		case t.Kind == protocol.KindTelemetry:
			points = append(points, s.understand(ctx, d, t, m)...)
		case t.Kind == protocol.KindEvent:
			s.relay(ctx, d, m)
		}
	}
	if len(points) == 0 {
		return nil
	}
	if err := s.DB.Keep(ctx, func(tx *store.Tx) error { return s.insert(tx, points) }); err != nil {
		return err
	}
	s.metrics.points.Add(float64(len(points)))
	return nil
}

// understand decodes a message into points, noting health and a wrong clock on the way.
func (s *Service) understand(ctx context.Context, w watchView, t protocol.Topic, m fleet.Message) []point {
	typ, err := s.Fleet.Type(ctx, w.typ)
	if err != nil {
		s.refuse(w, m, "comes from a device without a device type")
		return nil
	}
	stream, ok := typ.Streams[t.Name]
	if !ok {
		s.undeclared(w, m)
		return nil
	}
	if stream.Traffic == "bulk" {
		return nil // pictures and the like are not readings
	}
	d, reason := decode(typ, t.Name, m.Payload)
	if reason != "" {
		s.refuse(w, m, reason)
		return nil
	}
	at := s.timeOf(w, m.Time, d.at)
	if d.health != nil {
		s.noteHealth(w, m.Time, *d.health)
	}
	points := make([]point, len(d.readings))
	for i, r := range d.readings {
		points[i] = point{m.Device, t.Name, r, at}
	}
	return points
}

// timeOf is when a reading was taken: as the device says, if its clock can be believed, else when the message arrived.
func (s *Service) timeOf(w watchView, arrived, said time.Time) time.Time {
	if said.IsZero() {
		return arrived.UTC()
	}
	if off := said.Sub(arrived); off > maxAhead || off < -maxBehind {
		s.reportSkew(w, arrived, off)
		return arrived.UTC()
	}
	return said.UTC()
}

func (s *Service) reportSkew(w watchView, at time.Time, off time.Duration) {
	if _, ok := s.skewed.Open(w.id); ok {
		s.publish(fleet.NewEvent("clock.skewed", at, w.party(), fleet.Server("telemetry"), map[string]any{"device": w.id, "seconds": off.Round(time.Second).Seconds()}))
	}
}

func (s *Service) refuse(w watchView, m fleet.Message, reason string) {
	s.metrics.dropped.Inc()
	if held, ok := s.invalid.Open(w.id); ok {
		s.publish(fleet.NewEvent("message.invalid", m.Time, w.party(), fleet.Server("telemetry"), map[string]any{"topic": clip(m.Topic), "reason": reason, "count": held + 1}))
	}
}

func (s *Service) undeclared(w watchView, m fleet.Message) {
	s.metrics.dropped.Inc()
	if held, ok := s.invalid.Open("stream/" + w.id); ok {
		s.publish(fleet.NewEvent("stream.undeclared", m.Time, w.party(), fleet.Server("telemetry"), map[string]any{"topic": clip(m.Topic), "count": held + 1}))
	}
}
