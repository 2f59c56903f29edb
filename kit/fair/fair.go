// Package fair lets work through a narrow place by turns: where many of one origin wait beside few of another, each origin
// has its turn after the other, so that a crowd makes itself wait and nobody else.
package fair

import (
	"slices"
	"sync"
)

// Gate lets a number of visitors in at once; others wait in one line for each key, and the lines take turns. It is safe for use
// by many goroutines.
type Gate[K comparable] struct {
	mu      sync.Mutex
	free    int
	most    int // may wait
	waiting int
	lines   map[K][]chan bool
	turns   []K // keys with a line, next one first
}

// sample is how many lines are looked at for the longest when no more may wait.
const sample = 64

// New makes a gate for so many visitors at once, and so many that wait.
func New[K comparable](atOnce, waiting int) *Gate[K] {
	return &Gate[K]{free: atOnce, most: waiting, lines: map[K][]chan bool{}}
}

// Enter waits for its turn. It is false when too many wait and key has its share of them, at once or when others come who have
// less; then the visitor is not inside. Whoever is inside must Leave.
func (g *Gate[K]) Enter(key K) bool { return g.EnterUntil(key, nil) }

// EnterUntil is Enter for a visitor who goes away when done is closed: then it is false.
func (g *Gate[K]) EnterUntil(key K, done <-chan struct{}) bool {
	g.mu.Lock()
	if g.free > 0 {
		g.free--
		g.mu.Unlock()
		return true
	}
	if g.waiting >= g.most && !g.evict(key) {
		g.mu.Unlock()
		return false
	}
	if len(g.lines[key]) == 0 {
		g.turns = append(g.turns, key)
	}
	turn := make(chan bool, 1)
	g.lines[key] = append(g.lines[key], turn)
	g.waiting++
	g.mu.Unlock()
	select {
	case in := <-turn:
		return in
	case <-done:
		g.goAway(key, turn)
		return false
	}
}

// goAway takes a visitor out of its line, or out of the gate when its turn came meanwhile.
func (g *Gate[K]) goAway(key K, turn chan bool) {
	g.mu.Lock()
	line := g.lines[key]
	at := slices.Index(line, turn)
	if at < 0 {
		g.mu.Unlock()
		if <-turn {
			g.Leave()
		}
		return
	}
	defer g.mu.Unlock()
	g.waiting--
	if len(line) > 1 {
		g.lines[key] = slices.Delete(line, at, at+1)
		return
	}
	delete(g.lines, key)
	g.turns = slices.DeleteFunc(g.turns, func(k K) bool { return k == key })
}

// Leave lets the next one in.
func (g *Gate[K]) Leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.waiting == 0 {
		g.free++
		return
	}
	key := g.turns[0]
	g.turns = g.turns[1:]
	line := g.lines[key]
	line[0] <- true
	g.waiting--
	if len(line) == 1 {
		delete(g.lines, key)
		return
	}
	g.lines[key] = line[1:]
	g.turns = append(g.turns, key)
}

// Crowded reports whether key would be refused now.
func (g *Gate[K]) Crowded(key K) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.free > 0 || g.waiting < g.most {
		return false
	}
	_, ok := g.longer(len(g.lines[key]) + 1)
	return !ok
}

// Waiting is how many wait.
func (g *Gate[K]) Waiting() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.waiting
}

// evict sends the last one of a longer line away to make room for key.
func (g *Gate[K]) evict(key K) bool {
	from, ok := g.longer(len(g.lines[key]) + 1)
	if !ok {
		return false
	}
	line := g.lines[from]
	line[len(line)-1] <- false
	g.lines[from] = line[:len(line)-1] // it was longer than one: it stays in turns
	g.waiting--
	return true
}

// longer finds the longest of some lines that are longer than n.
func (g *Gate[K]) longer(n int) (key K, ok bool) {
	seen := 0
	for k, line := range g.lines {
		if len(line) > n {
			key, n, ok = k, len(line), true
		}
		if seen++; seen >= sample {
			break
		}
	}
	return key, ok
}
