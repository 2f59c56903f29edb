package telemetry

import (
	"context"
	"time"

	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/store"
)

// Life is when a device was last heard (zero: never) and its latest heartbeat (nil: it never sent one; shared, do not change it).
type Life struct {
	Seen   time.Time
	Health *protocol.Health
}

// Lives is LastSeen and Health for many devices at once: what is not watched is read in one query. A device that was never
// heard is not in the answer.
func (s *Service) Lives(ctx context.Context, devices []string) (map[string]Life, error) {
	out := make(map[string]Life, len(devices))
	var others []string
	s.mu.Lock()
	for _, id := range devices {
		if w := s.watched[id]; w != nil {
			out[id] = Life{w.seen, w.health}
		} else {
			others = append(others, id)
		}
	}
	s.mu.Unlock()
	if len(others) == 0 {
		return out, nil
	}
	return out, s.readLives(ctx, others, out)
}

func (s *Service) readLives(ctx context.Context, devices []string, into map[string]Life) error {
	marks, args := store.In(devices)
	rows, err := s.DB.Query(ctx, "SELECT "+seenColumns+" FROM telemetry_seen WHERE device IN ("+marks+")", args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		r, err := scanSeen(rows)
		if err != nil {
			return err
		}
		into[r.device] = Life{r.seen, r.health}
	}
	return rows.Err()
}
