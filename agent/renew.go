package agent

import (
	"context"
	"errors"
	"time"

	"github.com/thingward/thingward/protocol"
)

// renewLoop renews when two thirds of the certificate's life have passed, spread over a tenth of it so that a fleet made
// in one day does not renew in one minute (CRD-10). Then it reconnects with the new certificate.
func (a *Agent) renewLoop(ctx context.Context) {
	for try := 0; ; {
		id := a.current()
		wait := renewAt(id).Sub(a.c.Clock.Now())
		if try > 0 {
			wait = backoff(try + 3) // half a minute at least: renewal has time
		}
		if !a.pause(ctx, wait) {
			return
		}
		next, err := a.renew(ctx, id)
		if err != nil {
			try++
			var refused *refusedError
			if errors.As(err, &refused) {
				try += 4 // it will hardly change soon
			}
			a.c.Log.Warn("renewal failed, trying again", "device", id.device, "until", id.leaf.NotAfter, "error", err)
			continue
		}
		try = 0
		a.mu.Lock()
		a.identity = next
		a.mu.Unlock()
		a.c.Log.Info("renewed", "device", next.device, "until", next.leaf.NotAfter)
		select {
		case a.renewed <- struct{}{}:
		default:
		}
	}
}

// renewAt is when the agent renews.
func renewAt(id *identity) time.Time { return protocol.RenewAt(id.leaf) }
