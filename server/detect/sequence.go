package detect

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
)

const (
	// lateness is how far behind the newest event of its subject an event may come and still count.
	lateness = 24 * time.Hour
	// ahead is how far an event's time may be in the future before the time of its arrival is taken instead.
	ahead = 5 * time.Minute
	// marksMost bounds a counter (twice the threshold where that is more).
	marksMost = 128
)

// mark is one event in a sequence. N is how much it counts, 0 for one that ends the sequence before it.
type mark struct {
	ID       string `json:"i"`
	At       int64  `json:"t"` // microseconds since 1970, the event's own time
	N        int    `json:"n,omitempty"`
	Distinct string `json:"d,omitempty"`
}

func byTime(a, b mark) int { return cmp.Or(cmp.Compare(a.At, b.At), strings.Compare(a.ID, b.ID)) }

// sequence is what a rule remembers of a subject: the events that can still matter, in the order of their times. Horizon
// is the time up to which events are no longer taken.
type sequence struct {
	Horizon int64
	Marks   []mark
}

// add puts an event in its place. It returns false for one that is there already or comes too late.
func (q *sequence) add(m mark, a *active) bool {
	if m.At <= q.Horizon {
		return false
	}
	i, there := slices.BinarySearchFunc(q.Marks, m, byTime)
	if there {
		return false
	}
	q.Marks = slices.Insert(q.Marks, i, m)
	q.forget(a)
	return true
}

// forget drops what can no longer matter, so that a counter stays small whatever comes.
func (q *sequence) forget(a *active) {
	newest := q.Marks[len(q.Marks)-1].At
	keep := max(marksMost, 2*a.threshold)
	drop := max(0, len(q.Marks)-keep)
	for drop < len(q.Marks) && q.Marks[drop].At < newest-(a.window+lateness).Microseconds() {
		drop++
	}
	if drop > 0 {
		q.Horizon = max(q.Horizon, q.Marks[drop-1].At)
		q.Marks = slices.Delete(q.Marks, 0, drop)
	}
}

// crossing finds the first stretch without a reset, no longer than the window, that reaches the threshold. It returns all
// of the stretch's events up to the window's end, or nil.
func (q *sequence) crossing(a *active) []mark {
	window := a.window.Microseconds()
	start := 0 // of the stretch that may still be within the window
	for i, m := range q.Marks {
		if m.N == 0 {
			start = i + 1
			continue
		}
		for m.At-q.Marks[start].At > window {
			start++
		}
		if weigh(q.Marks[start:i+1], a.Distinct != nil) >= a.threshold {
			end := i + 1
			for end < len(q.Marks) && q.Marks[end].N > 0 && q.Marks[end].At-q.Marks[start].At <= window {
				end++
			}
			return slices.Clone(q.Marks[start:end])
		}
	}
	return nil
}

// heal brings back into the present what a clock that ran ahead and was set back has left in the future, where it would
// push out everything that happens now.
func (q *sequence) heal(now time.Time) {
	limit := now.Add(ahead).UnixMicro()
	if q.Horizon > limit {
		q.Horizon = 0
	}
	for i := range q.Marks {
		if q.Marks[i].At > limit {
			q.Marks[i].At = now.UnixMicro()
		}
	}
	slices.SortFunc(q.Marks, byTime)
}

// weigh is how much marks count together.
func weigh(marks []mark, distinct bool) int {
	n, seen := 0, map[string]bool{}
	for _, m := range marks {
		if distinct {
			seen[m.Distinct] = true
		}
		n += m.N
	}
	if distinct {
		return len(seen)
	}
	return n
}

// when is the time an event counts at: its own, or that of its arrival when its clock runs ahead.
func when(ev fleet.Event, now time.Time) time.Time {
	if ev.Time.After(now.Add(ahead)) {
		return now
	}
	return ev.Time
}

// digest stands for a value in a counter, which must stay small and hold no names.
func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:8])
}

const partMost = 200 // bytes of a name or id that are kept

// clean makes outside text fit to be stored and shown: valid UTF-8, no control characters, bounded.
func clean(s string, most int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

func cleanParty(p fleet.Party) fleet.Party {
	if len(p.ID) > partMost { // cut ids must stay different from each other
		p.ID = p.ID[:partMost/2] + digest(p.ID)
	}
	return fleet.Party{Kind: clean(p.Kind, 32), ID: clean(p.ID, partMost), Name: clean(p.Name, partMost), Address: clean(p.Address, 64)}
}
