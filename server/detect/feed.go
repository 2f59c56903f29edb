package detect

import (
	"sync"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
)

// feedMost is how many events a second reach open consoles one by one; a flood shows in the rates, not in the feed.
const feedMost = 100

// feed shows events to open consoles as they are handled.
type feed struct {
	mu     sync.Mutex
	second time.Time
	sent   int
}

func (f *feed) send(s *Service, evs []fleet.Event) {
	if s.Live == nil {
		return
	}
	for _, ev := range evs {
		if f.may(s.Clock.Now()) {
			s.Live("event", access.EventRead, ev)
		}
	}
}

func (f *feed) may(now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if second := now.Truncate(time.Second); !second.Equal(f.second) {
		f.second, f.sent = second, 0
	}
	f.sent++
	return f.sent <= feedMost
}
