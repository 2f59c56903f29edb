package posture

import (
	"maps"
	"sync"
)

// entry is what findings are counted by. what is findingOpen, findingExcepted, findingClosed or entryOverdue, which is open and
// past its due date.
type entry struct {
	num   uint64
	owner string
	what  int
}

const entryOverdue = 3

// sums counts findings; a delta may hold negative numbers.
type sums map[entry]int

// ledger is how many findings there are of each check and owner, so that no list and no summary ever counts a million rows. It follows
// every committed transaction.
type ledger struct {
	mu  sync.RWMutex
	all sums
}

func (l *ledger) add(delta sums) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all == nil {
		l.all = sums{}
	}
	for e, n := range delta {
		if l.all[e] += n; l.all[e] == 0 {
			delete(l.all, e)
		}
	}
}

// replace takes what was counted anew.
func (l *ledger) replace(all sums) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = all
}

func (l *ledger) copy() sums {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return maps.Clone(l.all)
}

// what a stored finding counts as.
func what(state int, overdue bool) int {
	if state == findingOpen && overdue {
		return entryOverdue
	}
	return state
}
