package posture

import "sync"

// mode says how urgent a look at a subject is, and whether its change is followed to those whose facts include it.
type mode int

const (
	quiet   mode = iota // fell due, or its type changed
	touched             // a subject among its facts changed
	follow              // it changed itself
)

type job struct {
	Ref
	mode
}

// queue holds subjects to look at, each once: announced changes first, then what follows from them or fell due.
type queue struct {
	mu     sync.Mutex
	modes  map[Ref]mode
	urgent []Ref
	later  []Ref
	wake   chan struct{}
	gate   chan struct{}
}

func (q *queue) init() {
	q.modes = map[Ref]mode{}
	q.wake = make(chan struct{}, 1)
	q.gate = make(chan struct{}, 1)
}

// add queues a subject. One that waits and becomes more urgent moves ahead.
func (q *queue) add(r Ref, m mode) {
	r.Name = ""
	q.mu.Lock()
	have, waits := q.modes[r]
	if !waits || have < m {
		q.modes[r] = m
		if m > quiet {
			q.urgent = append(q.urgent, r)
		} else {
			q.later = append(q.later, r)
		}
	}
	q.mu.Unlock()
	q.touch()
}

// next takes the next subject.
func (q *queue) next() (job, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, list := range []*[]Ref{&q.urgent, &q.later} {
		for len(*list) > 0 {
			r := (*list)[0]
			*list = (*list)[1:]
			if len(*list) == 0 {
				*list = nil
			}
			if m, waits := q.modes[r]; waits {
				delete(q.modes, r)
				return job{r, m}, true
			}
		}
	}
	return job{}, false
}

func (q *queue) waiting() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.modes) > 0
}

// touch wakes the work loop.
func (q *queue) touch() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// gates wakes the gate loop, to test everything now.
func (q *queue) gates() {
	select {
	case q.gate <- struct{}{}:
	default:
	}
}
