package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestWhoGoesAwayIsNoFailure(t *testing.T) {
	var log bytes.Buffer
	r := &Router{Config: Config{Log: slog.New(slog.NewTextHandler(&log, nil))}}
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	if p := r.toProblem(gone, fmt.Errorf("read: %w", context.Canceled)); p.Status != statusAbandoned || log.Len() != 0 {
		t.Errorf("an abandoned request: %d, log %q", p.Status, log.String())
	}
	if p := r.toProblem(context.Background(), fmt.Errorf("read: %w", context.Canceled)); p.Status != 500 || !strings.Contains(log.String(), "request failed") {
		t.Errorf("our own cancellation: %d, log %q", p.Status, log.String())
	}
	if p := r.toProblem(gone, errors.New("disk full")); p.Status != 500 {
		t.Errorf("another fault while the caller goes: %d", p.Status)
	}
}
