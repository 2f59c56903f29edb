package server

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/thingward/thingward/kit/clock"
)

// The gates of access reviews hold on the real parts: an account and a device made meanwhile are on the list, and what is
// rejected is out.
func TestReviewTriesHold(t *testing.T) {
	ctx := context.Background()
	c := Default()
	c.Data = filepath.Join(t.TempDir(), "data")
	if err := Setup(ctx, SetupOptions{Data: c.Data, Admin: "ada-admin", Password: "nine-wet-otters-42-climb", Organisation: "Test"}); err != nil {
		t.Fatal(err)
	}
	s := &Server{config: c, log: slog.New(slog.DiscardHandler), clock: clock.Real{}, metrics: prometheus.NewRegistry(), ready: make(chan struct{})}
	t.Cleanup(func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	})
	for _, open := range []func(context.Context) error{s.openData, s.openStores, s.openCore, s.openDomains} {
		if err := open(ctx); err != nil {
			t.Fatal(err)
		}
	}
	tries := s.governTries()
	for _, name := range []string{"review.every-account", "review.rejected-disabled"} {
		result, err := tries[name](ctx)
		if err != nil || !result.Attempted || !result.Held {
			t.Errorf("%s: %+v, %v", name, result, err)
		}
	}
}
