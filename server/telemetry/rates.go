package telemetry

import (
	"sync"
	"time"

	"github.com/thingward/thingward/server/access"
)

const ringSize = 3600 // seconds

// sample is the traffic of one second. Refused counts a minute, the second included.
type sample struct {
	at        time.Time
	messages  float64 // a second
	connected int
	refused   int64
}

// rates is a ring of the last hour's samples.
type rates struct {
	mu       sync.Mutex
	ring     []sample
	next     int
	messages int64 // counters at the last sample
	refused  []int64
	at       time.Time
}

// Now is the traffic of this moment.
type Now struct {
	Messages  float64    `json:"messages"` // a second
	Connected int        `json:"connected"`
	Refused   int64      `json:"refused"` // in the last minute
	Time      *time.Time `json:"time,omitempty"`
}

// sample reads the counters and tells every console.
func (s *Service) sample(now time.Time) {
	messages, connected, refused := s.Stats()
	n := s.rates.add(now, messages, connected, refused)
	s.live("", "rates", access.TelemetryRead, Now{Messages: n.messages, Connected: n.connected, Refused: n.refused, Time: &now})
}

func (r *rates) add(now time.Time, messages int64, connected int, refused int64) sample {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := sample{at: now, connected: connected}
	if passed := now.Sub(r.at).Seconds(); !r.at.IsZero() && passed > 0 && messages >= r.messages {
		out.messages = float64(messages-r.messages) / passed
	}
	r.at, r.messages = now, messages
	r.refused = append(r.refused, refused)
	if len(r.refused) > 61 {
		r.refused = r.refused[1:]
	}
	out.refused = max(0, refused-r.refused[0])
	if len(r.ring) < ringSize {
		r.ring = append(r.ring, out)
	} else {
		r.ring[r.next] = out
	}
	r.next = (r.next + 1) % ringSize
	return out
}

// since lists the samples after t, oldest first.
func (r *rates) since(t time.Time) []sample {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []sample
	for i := range r.ring {
		at := i
		if len(r.ring) == ringSize {
			at = (r.next + i) % ringSize
		}
		if r.ring[at].at.After(t) {
			out = append(out, r.ring[at])
		}
	}
	return out
}
