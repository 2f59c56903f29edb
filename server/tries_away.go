package server

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/broker/packet"
	"github.com/thingward/thingward/server/posture/probe"
	"github.com/thingward/thingward/server/telemetry"
)

func (s *Server) awayTries() map[string]probe.Try {
	return map[string]probe.Try{
		"broker.day-away":     s.onBench("a gateway that was away for a day gets every message in order, and its own arrive in order", s.onFleet(dayAway)),
		"event.offline-order": s.onBench("events that a device recorded while it was away enter the event stream in their order", s.onFleet(offlineOrder)),
	}
}

const (
	awayFor  = 24 * time.Hour
	awaySent = 40 // messages in each direction
)

// joined is a gateway with its session on a bench whose broker serves a line.
type joined struct {
	*benchFleet
	device fleet.Device
	cert   tls.Certificate
	line   *pipes
}

func (f *benchFleet) join(ctx context.Context) (j joined, err error) {
	j = joined{benchFleet: f, line: newPipes()}
	f.later(j.line.Close)
	if j.device, err = f.device(ctx, "gateway"); err != nil {
		return j, err
	}
	if j.cert, err = f.enrolled(ctx, j.device); err != nil {
		return j, err
	}
	go func() { _ = f.broker.Serve(j.line, f.identity.MQTTSConfig()) }()
	return j, nil
}

// dayAway has a gateway subscribe and leave. While it is away commands come in, at once, after half a day and at its end. Then
// it returns and reports what it kept.
func dayAway(ctx context.Context, f *benchFleet) (bool, error) {
	g, err := f.join(ctx)
	if err != nil {
		return false, err
	}
	c, err := g.open(ctx, g.line, g.cert, g.device.ID, true)
	if err != nil {
		return false, err
	}
	_, err = ask[*packet.Suback](c, &packet.Subscribe{PacketID: 1, Subscriptions: []packet.Subscription{{Filter: protocol.CommandTopic(g.device.ID, "+"), QoS: 1}}})
	if err != nil {
		return false, err
	}
	if err := c.conn.Close(); err != nil {
		return false, err
	}
	for n := range awaySent {
		if n == awaySent/4 || n == awaySent/2 {
			f.clock.Advance(awayFor / 2)
		}
		if err := f.broker.Publish(ctx, protocol.CommandTopic(g.device.ID, "identify"), []byte(strconv.Itoa(n)), false); err != nil {
			return false, err
		}
	}
	if c, err = g.open(ctx, g.line, g.cert, g.device.ID, false); err != nil {
		return false, err
	}
	defer func() { _ = c.conn.Close() }()
	if ok, err := c.receive(awaySent); err != nil || !ok {
		return false, err
	}
	return g.reports(ctx, c)
}

// reports has the gateway send what it kept, and a reader inside the platform take it.
func (j joined) reports(ctx context.Context, c *benchClient) (bool, error) {
	ctx, stop := context.WithTimeout(ctx, 2*cutPatience)
	defer stop()
	topic, kept := protocol.TelemetryTopic(j.device.ID, "load"), make([][]byte, awaySent)
	for i := range kept {
		kept[i] = load(i)
	}
	came := make(chan string, awaySent)
	go func() {
		_ = j.broker.Ingest(ctx, "self-test", func(_ context.Context, all []fleet.Message) error {
			for _, m := range all {
				if m.Device == j.device.ID && m.Topic == topic {
					came <- string(m.Payload)
				}
			}
			return nil
		})
	}()
	if err := c.publish(topic, kept...); err != nil {
		return false, err
	}
	for i := range awaySent {
		select {
		case got := <-came:
			if got != string(load(i)) {
				return false, nil
			}
		case <-ctx.Done():
			return false, nil
		}
	}
	return true, nil
}

// load is a reading as the gateway's type declares it.
func load(n int) []byte { return fmt.Appendf(nil, `{"cpu": %d}`, n) }

// offlineOrder has a gateway report events of the past day, an hour apart, and compares what enters the event stream.
func offlineOrder(ctx context.Context, f *benchFleet) (bool, error) {
	g, err := f.join(ctx)
	if err != nil {
		return false, err
	}
	t, err := telemetry.New(ctx, telemetry.Config{DB: f.db, Bus: f.bus, Fleet: f.registry, Clock: f.clock, Log: f.log})
	if err != nil {
		return false, err
	}
	defer t.Close()
	var want []time.Time
	var kept [][]byte
	for h := range 24 {
		at := f.clock.Now().Add(time.Duration(h-24) * time.Hour)
		said, err := json.Marshal(protocol.DeviceEvent{Time: at, Name: "uplinkChanged", Data: map[string]any{"uplink": "lte"}})
		if err != nil {
			return false, err
		}
		want, kept = append(want, at), append(kept, said)
	}
	got, err := g.relayedEvents(ctx, t, kept)
	return slices.EqualFunc(got, want, time.Time.Equal), err
}

// relayedEvents sends a gateway's events through broker and intake and gives their own times as they enter the event stream.
func (j joined) relayedEvents(ctx context.Context, t *telemetry.Service, kept [][]byte) (got []time.Time, err error) {
	ctx, cancel := context.WithTimeout(ctx, 2*cutPatience)
	defer cancel()
	came := make(chan time.Time, len(kept))
	stop, err := j.bus.Watch(func(ev fleet.Event) {
		if ev.Type == "device.event" && ev.Initiator.ID == j.device.ID {
			at, _ := time.Parse(time.RFC3339Nano, said(ev))
			came <- at
		}
	})
	if err != nil {
		return nil, err
	}
	defer stop()
	go func() { _ = j.broker.Ingest(ctx, "telemetry", t.Handle) }()
	c, err := j.open(ctx, j.line, j.cert, j.device.ID, true)
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.conn.Close() }()
	if err := c.publish(protocol.EventTopic(j.device.ID), kept...); err != nil {
		return nil, err
	}
	for range kept {
		select {
		case at := <-came:
			got = append(got, at)
		case <-ctx.Done():
			return got, nil
		}
	}
	return got, nil
}

// said is the device's own time of an event, however the event came here.
func said(ev fleet.Event) string {
	switch v := ev.Data["said"].(type) {
	case string:
		return v
	case time.Time:
		return v.Format(time.RFC3339Nano)
	default:
		return ""
	}
}
