package clock

import (
	"sync"
	"time"
)

// Forward is a clock that never goes back. It shows the time of the clock beneath, or, while that is behind what Forward has
// shown or was begun with, goes on from there at the pace of a timer that nobody can set. What has ended stays ended, whatever
// somebody does to the machine's clock.
type Forward struct {
	beneath Clock
	steady  func() time.Duration

	mu   sync.Mutex
	last time.Time     // shown last
	at   time.Duration // of the steady timer, then
}

// NewForward puts a Forward over a clock. Floor is the latest time that is known to have been; zero for none. Steady is a
// timer that only goes on; nil: the machine's, which counts from its start.
func NewForward(beneath Clock, floor time.Time, steady func() time.Duration) *Forward {
	if steady == nil {
		began := time.Now()
		steady = func() time.Duration { return time.Since(began) }
	}
	return &Forward{beneath: beneath, steady: steady, last: floor.UTC(), at: steady()}
}

// Now is the time beneath, or the time that has passed since the latest one known, whichever is later.
func (f *Forward) Now() time.Time {
	now, _ := f.look()
	return now
}

// Behind is how far the clock beneath is behind what is shown; 0 when it is not.
func (f *Forward) Behind() time.Duration {
	now, beneath := f.look()
	return max(now.Sub(beneath), 0)
}

func (f *Forward) look() (now, beneath time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	beneath, at := f.beneath.Now(), f.steady()
	now = beneath
	if gone := f.last.Add(at - f.at); gone.After(now) {
		now = gone.Round(0)
	}
	f.last, f.at = now, at
	return now, beneath
}

// Raise makes t the least time from now on, where it is later than what is shown.
func (f *Forward) Raise(t time.Time) {
	now := f.Now()
	f.mu.Lock()
	defer f.mu.Unlock()
	if t.After(now) && t.After(f.last) {
		f.last, f.at = t.UTC(), f.steady()
	}
}

// After is the clock beneath's: waiting does not depend on what time it is.
func (f *Forward) After(d time.Duration) <-chan time.Time { return f.beneath.After(d) }
