package broker

import "time"

const (
	lingerFor    = time.Millisecond       // added to the answer at low rates
	lingerWindow = 100 * time.Millisecond // over which the rate is measured
	lingerFrom   = 200                    // messages a second below which saving work is not worth a wait
	lingerTo     = 2000                   // and above which segments fill by themselves
	lingerLasts  = 10                     // windows until the rate is measured again without waiting
)

// linger decides whether to wait a moment before a segment is closed. A commit costs about 0.3 ms of processor time however
// small it is, so at a few hundred scattered messages a second waiting one millisecond saves a third of the work. A client
// that waits for each answer would only be slowed down: its rate is above the bounds when nobody lingers, which is measured
// anew every second.
type linger struct {
	began    time.Time
	messages int
	segments int
	windows  int // windows of lingering that are left
}

// pause waits if that pays.
func (l *linger) pause(s *Service) {
	if l.windows == 0 {
		return
	}
	select {
	case <-wall.After(lingerFor):
	case <-s.stopped:
	}
}

// saw counts a segment of n messages.
func (l *linger) saw(n int, now time.Time) {
	l.messages += n
	l.segments++
	gone := now.Sub(l.began)
	if gone < lingerWindow && gone >= 0 {
		return
	}
	if l.windows > 0 {
		l.windows--
	} else if rate := float64(l.messages) / gone.Seconds(); rate >= lingerFrom && rate <= lingerTo && l.messages < 2*l.segments {
		l.windows = lingerLasts
	}
	l.began, l.messages, l.segments = now, 0, 0
}
