package broker

import "time"

const (
	lingerFor    = time.Millisecond       // added to the answer at low rates
	lingerWindow = 100 * time.Millisecond // over which clients are watched
	lingerFrom   = 200                    // messages a second below which saving work is not worth a wait
	lingerTo     = 3000                   // and above which segments fill by themselves
	lingerEager  = 5 * time.Millisecond   // who publishes this soon after an acknowledgement was waiting for it
)

// linger decides whether to wait a moment before a segment is closed. A commit costs about 0.3 ms of processor time however
// small it is, so at a few hundred scattered messages a second waiting one millisecond saves a third of the work. Clients
// that publish as soon as they are acknowledged would only be slowed down: where they are the rule, nothing waits.
type linger struct {
	on       bool
	began    time.Time
	messages int
	eager    int
}

// pause waits if that pays.
func (l *linger) pause(s *Service) {
	if !l.on {
		return
	}
	select {
	case <-wall.After(lingerFor):
	case <-s.stopped:
	}
}

// saw counts the messages of a segment.
func (l *linger) saw(waiters []waiter, now time.Time) {
	l.messages += len(waiters)
	if len(waiters) < lingerTo/100 {
		for _, w := range waiters {
			if w.c != nil && now.UnixNano()-w.c.acked.Load() < int64(lingerEager) {
				l.eager++
			}
		}
	}
	gone := now.Sub(l.began)
	if gone < lingerWindow && gone >= 0 {
		return
	}
	rate := float64(l.messages) / gone.Seconds()
	l.on = rate >= lingerFrom && rate <= lingerTo && 4*l.eager < l.messages
	l.began, l.messages, l.eager = now, 0, 0
}
