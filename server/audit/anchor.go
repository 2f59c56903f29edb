package audit

import (
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/durable"
	"github.com/thingward/thingward/kit/provable"
)

// anchor writes cp to the anchor file, at most once a minute.
func (l *Log) anchor(cp provable.Checkpoint) {
	if l.Anchor == "" || (l.anchorAt.Size > 0 && cp.Time.Sub(l.anchorAt.Time) < keepEvery) {
		return
	}
	if err := durable.WriteFile(l.Anchor, []byte(cp.Note), 0o600); err != nil {
		l.Log.Error("the audit log's anchor was not written", "path", l.Anchor, "error", err)
		return
	}
	l.anchorAt = cp
}

// anchored reads the anchor file; the zero value where there is none yet.
func (l *Log) anchored() (provable.Checkpoint, error) {
	if l.Anchor == "" {
		return provable.Checkpoint{}, nil
	}
	text, err := os.ReadFile(l.Anchor)
	if errors.Is(err, os.ErrNotExist) {
		return provable.Checkpoint{}, nil
	}
	if err != nil {
		return provable.Checkpoint{}, fmt.Errorf("read the audit log's anchor: %w", err)
	}
	cp, err := provable.OpenCheckpoint(string(text), l.Key)
	if err != nil {
		return cp, &provable.Broken{Reason: fmt.Sprintf("the anchor file %s was altered: %v", l.Anchor, err)}
	}
	return cp, nil
}

// reported remembers which faults were told, so that each is told once and a log full of them is no flood of alarms.
type reported struct {
	mu   sync.Mutex
	told map[string]bool
}

// reportedMost bounds the faults that are told one by one.
const reportedMost = 32

func (r *reported) first(fault string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.told[fault] || len(r.told) >= reportedMost {
		return false
	}
	if r.told == nil {
		r.told = map[string]bool{}
	}
	r.told[fault] = true
	return true
}

// suspect reports an error that means that the log was altered: to the log of the program and, as audit.broken, to
// detection.
func (l *Log) suspect(err error) {
	var broken *provable.Broken
	if !errors.As(err, &broken) || !l.reported.first(broken.Error()) {
		return
	}
	l.Log.Error("the audit log does not verify", "index", broken.Index, "reason", broken.Reason)
	if l.Bus == nil {
		return
	}
	ev := fleet.NewEvent("audit.broken", l.Clock.Now(), fleet.Server("audit"), fleet.Server("audit"), map[string]any{"index": broken.Index, "reason": broken.Reason})
	if err := l.Bus.Publish(ev); err != nil {
		l.Log.Error("audit.broken was not published", "error", err)
	}
}
