package broker_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/broker"
	"github.com/thingward/thingward/server/broker/packet"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/bus/bustest"
)

// TestABrokerThatWasReplacedAcknowledgesNothing starts a second broker on the store while the first one still runs, as when a
// machine that slept wakes up after another took over.
func TestABrokerThatWasReplacedAcknowledgesNothing(t *testing.T) {
	bustest.Sizes(t, func(t *testing.T, b *bus.Bus) {
		ca := newAuthority(t)
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		old := newWorldOf(t, b, ca, unbound, clock.Real{})
		ended := make(chan error, 1)
		go func() { ended <- old.b.Run(ctx) }()
		dev := old.device(packet.V5, "d1")
		dev.publish(1, protocol.TelemetryTopic("d1", "temperature"), "before")
		want[*packet.Ack](dev)

		w := newWorldOf(t, b, ca, unbound, clock.Real{})
		app, _ := w.connect(packet.V5, protocol.SubjectAccount, "app", lasting)
		app.subscribe("things/+/telemetry/#")
		dev.publish(2, protocol.TelemetryTopic("d1", "temperature"), "late")
		if err := <-ended; err == nil || !strings.Contains(err.Error(), "taken") {
			t.Errorf("the old broker goes on: %v", err)
		}
		next := w.device(packet.V5, "d2")
		next.publish(1, protocol.TelemetryTopic("d2", "temperature"), "after")
		want[*packet.Ack](next)
		if p := app.receive(); string(p.Payload) != "after" {
			t.Errorf("received %q", p.Payload)
		}
	})
}

// quiet takes failures that are meant.
type quiet struct{ testing.TB }

func (quiet) Error(...any) {}

// TestNodesUnderLoad moves the broker from node to node while devices publish: the node is stopped with its store, and the next
// one takes over. Nothing acknowledged is lost, sessions and retained messages move along.
func TestNodesUnderLoad(t *testing.T) {
	t.Parallel()
	nodes := bustest.NewNodes(t)
	ca := newAuthority(t)
	acked, got := map[string]bool{}, map[string]bool{}
	for round := range 3 {
		w := newWorldOf(quiet{t}, nodes.Node(round), ca, broker.Limits{}, clock.Real{})
		app, ack := w.connect(packet.V5, protocol.SubjectAccount, "app", lasting)
		if ack.SessionPresent != (round > 0) {
			t.Fatalf("round %d: session present: %v", round, ack.SessionPresent)
		}
		if round == 0 {
			app.subscribe("things/+/telemetry/#")
		}
		collect(app, got, 50)
		var mu sync.Mutex
		var wg sync.WaitGroup
		for d := range 2 {
			dev := w.device(packet.V5, fmt.Sprint("d", d+1))
			wg.Go(func() { publishUntilGone(dev, fmt.Sprint("d", d+1), round, acked, &mu) })
		}
		before := len(acked)
		eventually(t, func() bool { mu.Lock(); defer mu.Unlock(); return len(acked) > before+300 })
		if round == 2 {
			w.stop()
			wg.Wait()
			break
		}
		nodes.Stop(round) // the store goes first: what is under way is not acknowledged
		w.cancel()
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		_ = w.b.Close(ctx)
		cancel()
		wg.Wait()
		if round == 0 {
			nodes.Start(0) // of three nodes two must run
		}
	}
	w := newWorldOf(t, nodes.Node(2), ca, broker.Limits{}, clock.Real{})
	app, _ := w.connect(packet.V5, protocol.SubjectAccount, "app", lasting)
	eventually(t, func() bool { collect(app, got, 1); return missing(acked, got) == 0 })
	last := w.account(packet.V5, "operator")
	last.subscribe("things/d1/telemetry/humidity")
	if p := last.receive(); !p.Retain || string(p.Payload) != "kept 2" {
		t.Errorf("retained: %+v", p)
	}
}
