package access

import (
	"context"
	"sync"
)

const turnsWaiting = 16 // attempts on one name that may wait for each other

// turns lets attempts on the same name happen one after the other, so that many at once get no more guesses than the
// lock-out allows.
type turns struct {
	mu   sync.Mutex
	open map[string]*turn
}

type turn struct {
	busy  chan struct{}
	users int
}

func newTurns() *turns { return &turns{open: map[string]*turn{}} }

// take waits for the turn of key and returns how to give it back.
func (t *turns) take(ctx context.Context, key string) (done func(), err error) {
	t.mu.Lock()
	own := t.open[key]
	if own == nil {
		own = &turn{busy: make(chan struct{}, 1)}
		t.open[key] = own
	}
	if own.users > turnsWaiting {
		t.mu.Unlock()
		return nil, errBusy
	}
	own.users++
	t.mu.Unlock()
	select {
	case own.busy <- struct{}{}:
		return func() { <-own.busy; t.leave(key, own) }, nil
	case <-ctx.Done():
		t.leave(key, own)
		return nil, ctx.Err()
	}
}

func (t *turns) leave(key string, own *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if own.users--; own.users == 0 {
		delete(t.open, key)
	}
}
