package server

import (
	"context"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/posture/probe"
	"github.com/thingward/thingward/server/telemetry"
)

func (s *Server) telemetryTries() map[string]probe.Try {
	return map[string]probe.Try{"telemetry.undeclared": s.onBench("a reading on a stream that no type declares is set aside and flagged", undeclared)}
}

// flagPatience is how long the flag may take to arrive.
const flagPatience = 5 * time.Second

// undeclared hands the intake a reading of an active device on a stream that its type does not have.
func undeclared(ctx context.Context, b *bench) (bool, error) {
	r, on, d, err := benchRegistry(ctx, b)
	if err != nil {
		return false, err
	}
	flagged := make(chan struct{}, 1)
	stop, err := on.Watch(func(ev fleet.Event) {
		if ev.Type == "stream.undeclared" && ev.Initiator.ID == d.ID {
			select {
			case flagged <- struct{}{}:
			default:
			}
		}
	})
	if err != nil {
		return false, err
	}
	defer stop()
	t, err := telemetry.New(ctx, telemetry.Config{DB: b.db, Bus: on, Fleet: r, Clock: b.clock, Log: b.log})
	if err != nil {
		return false, err
	}
	defer t.Close()
	now := b.clock.Now()
	if err := t.Handle(ctx, []fleet.Message{{Device: d.ID, Topic: protocol.TelemetryTopic(d.ID, "self-test"), Payload: []byte(`{"temperature":21}`), Time: now}}); err != nil {
		return false, err
	}
	typ, err := r.Type(ctx, d.Type)
	if err != nil {
		return false, err
	}
	stored, err := t.Read(ctx, typ, telemetry.Query{Device: d.ID, From: now.Add(-time.Hour), To: now.Add(time.Hour), Points: 10})
	if err != nil || len(stored) > 0 {
		return false, err
	}
	select {
	case <-flagged:
		return true, nil
	case <-ctx.Done():
		return false, ctx.Err()
	case <-time.After(flagPatience): // the event goes through the real message store, so the wait is real too
		return false, nil
	}
}
