package audit

import (
	"context"
	"sync"
	"time"
)

const (
	pollEvery   = time.Second            // what other nodes recorded and left
	sealEvery   = 200 * time.Millisecond // most checkpoints a second: five
	verifyEvery = time.Hour
	afterFault  = 2 * time.Second
)

// Run places and seals what is recorded, takes in the event stream, publishes what was placed and verifies the whole log
// at start and hourly, until ctx ends.
func (l *Log) Run(ctx context.Context) error {
	var all sync.WaitGroup
	all.Go(func() { l.sequencing(ctx) })
	all.Go(func() { l.sealing(ctx) })
	all.Go(func() { l.verifyingAgain(ctx) })
	if l.Bus != nil {
		all.Go(func() { l.publishing(ctx) })
		all.Go(func() { l.consuming(ctx) })
	}
	<-ctx.Done()
	all.Wait()
	return nil
}

func (l *Log) consuming(ctx context.Context) {
	for ctx.Err() == nil {
		if err := l.Bus.Consume(ctx, "audit", l.append); err != nil && ctx.Err() == nil {
			l.Log.Error("the event stream was not read, trying again", "error", err)
			l.rest(ctx, nil, afterFault)
		}
	}
}

func (l *Log) sequencing(ctx context.Context) {
	for ctx.Err() == nil {
		n, err := l.sequence(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			l.Log.Error("audit entries were not placed, trying again", "error", err)
			l.rest(ctx, nil, afterFault)
		case n == batchMost:
		default:
			l.rest(ctx, l.wake, pollEvery)
		}
	}
}

func (l *Log) sealing(ctx context.Context) {
	notify(l.placed) // what a crash left unsigned
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
			return
		case <-l.placed:
		}
		if _, err := l.sign(ctx); err != nil && ctx.Err() == nil {
			l.Log.Error("no checkpoint was signed, trying again", "error", err)
			notify(l.placed)
			l.rest(ctx, nil, afterFault)
		}
		l.rest(ctx, nil, sealEvery)
	}
}

func (l *Log) verifyingAgain(ctx context.Context) {
	for ctx.Err() == nil {
		if _, err := l.Verify(ctx, nil); err != nil && ctx.Err() == nil {
			l.Log.Error("the audit log could not be verified", "error", err)
		}
		l.rest(ctx, nil, verifyEvery)
	}
}

// rest waits for d, or for ch where it is not nil, or for the end.
func (l *Log) rest(ctx context.Context, ch <-chan struct{}, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-ch:
	case <-l.Clock.After(d):
	}
}
