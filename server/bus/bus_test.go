package bus_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/sealed"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/bus/bustest"
)

func silent(device string) fleet.Event {
	return fleet.NewEvent("device.silent", time.Now(), fleet.Server("broker"), fleet.Party{Kind: "device", ID: device}, map[string]any{"device": device, "lastSeen": "", "limit": 60})
}

func TestEventsArriveInOrderAndAgainUntilHandled(t *testing.T) {
	bustest.Sizes(t, func(t *testing.T, b *bus.Bus) {
		var want []string
		for range 1000 {
			ev := silent("d")
			want = append(want, ev.ID)
			if err := b.Publish(ev); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		failures, got := 1, []string{}
		err := b.Consume(ctx, "test", func(_ context.Context, evs []fleet.Event) error {
			if failures > 0 {
				failures--
				return errors.New("not now")
			}
			for _, ev := range evs {
				got = append(got, ev.ID)
			}
			if len(got) == len(want) {
				cancel()
			}
			return nil
		})
		if err != nil || len(got) != len(want) {
			t.Fatalf("%d of %d events, %v", len(got), len(want), err)
		}
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("event %d is another one", i)
			}
		}
	})
}

func TestPublishRefusesAnIncompleteEvent(t *testing.T) {
	b := bustest.Open(t)
	ev := silent("d")
	delete(ev.Data, "limit")
	if err := b.Publish(ev); fleet.CodeOf(err) != fleet.CodeInvalid {
		t.Errorf("incomplete event: %v", err)
	}
}

func TestAnnouncementsReachListeners(t *testing.T) {
	bustest.Sizes(t, func(t *testing.T, b *bus.Bus) {
		got := make(chan bus.Cut, 1)
		stop, err := bus.Listen(b, bus.TopicCut, func(c bus.Cut) { got <- c })
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
		want := bus.Cut{SubjectKind: "device", SubjectID: "d", Reason: "revoked"}
		if err := b.Announce(bus.TopicCut, want); err != nil {
			t.Fatal(err)
		}
		if c := <-got; c != want {
			t.Errorf("%+v", c)
		}
	})
}

func TestStoreOpensOnlyWithItsKey(t *testing.T) {
	dir, key := t.TempDir(), sealed.NewKey()
	ctx := context.Background()
	b, err := bus.Open(ctx, bus.Config{Dir: dir, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Publish(silent("d")); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if b, err := bus.Open(ctx, bus.Config{Dir: dir, Key: sealed.NewKey()}); err == nil {
		_ = b.Close()
		t.Fatal("opened with another key")
	}
	b, err = bus.Open(ctx, bus.Config{Dir: dir, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.Close() }()
	s, err := b.JetStream().Stream(ctx, "EVENTS")
	if err != nil || s.CachedInfo().State.Msgs != 1 {
		t.Errorf("after reopening: %v, %+v", err, s.CachedInfo().State)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("{}\n{\"id\":1}\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, ev := range bus.Decode(b) {
			if err := ev.Check(); err != nil {
				t.Error(err)
			}
		}
	})
}
