package broker

import (
	"sync"
	"time"
)

const (
	habitsMost  = 1 << 20          // devices whose habits are known; all of them are real ones
	habitStep   = 10 * time.Second // how often an average is taken
	habitMemory = time.Hour        // over which it is taken
	habitGap    = 10 * time.Minute // of a longer silence no more than this counts: the device may have been away
	habitLearn  = 10 * time.Minute // after which it is relied on
	habitTimes  = 10               // how many times its usual rate a device may send
	habitFloor  = 10               // messages a second that are always in order
	habitBurst  = 10               // seconds' worth that may come at once
)

// habit is how much one device usually publishes, learned while it is served and kept in memory from one connection to the next.
// A device at many times its own rate is held back, alone, however far it is below the limit of all. It is never cut for that.
type habit struct {
	mu      sync.Mutex
	rate    float64 // messages a second, averaged
	learned time.Duration
	count   int
	since   time.Time
	tokens  float64
	filled  time.Time
}

// habits are those of all devices of types that give no rate themselves.
type habits struct {
	mu sync.Mutex
	by map[string]*habit
}

// of is the habit of a device; nil when there is no room for another.
func (h *habits) of(subject string, now time.Time) *habit {
	h.mu.Lock()
	defer h.mu.Unlock()
	at := h.by[subject]
	if at == nil && len(h.by) < habitsMost {
		at = &habit{since: now, filled: now, tokens: habitFloor * habitBurst}
		h.by[subject] = at
	}
	return at
}

// take counts n messages and returns how long nothing should be taken from the device, and the rate it is held to.
func (h *habit) take(n int, now time.Time) (wait time.Duration, limit float64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.learn(now)
	h.count += n
	if h.learned < habitLearn {
		return 0, 0
	}
	limit = max(habitTimes*h.rate, habitFloor)
	h.tokens = min(h.tokens+max(now.Sub(h.filled).Seconds(), 0)*limit, limit*habitBurst) - float64(n)
	h.filled = now
	if h.tokens >= 0 {
		return 0, limit
	}
	return time.Duration(-h.tokens / limit * float64(time.Second)), limit
}

// learn averages what was counted. Once a rate is known, an excess teaches little, so that a flood does not make itself usual.
func (h *habit) learn(now time.Time) {
	gone := min(now.Sub(h.since), habitGap)
	if gone < habitStep {
		return
	}
	seen := float64(h.count) / gone.Seconds()
	if h.learned >= habitLearn {
		seen = min(seen, 2*h.rate+0.01)
	}
	h.learned = min(h.learned+gone, habitMemory)
	h.rate += (seen - h.rate) * gone.Seconds() / h.learned.Seconds()
	h.count, h.since = 0, now
}
