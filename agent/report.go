package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"github.com/thingward/thingward/protocol"
)

// reportLoop sends health at every heartbeat, and the inventory at start, when it has changed and at its own interval
// (ACT-03).
func (a *Agent) reportLoop(ctx context.Context) {
	var last []byte
	var sent time.Time
	for {
		last, sent = a.reportInventory(last, sent)
		a.reportHealth()
		if !a.pause(ctx, a.c.Heartbeat) {
			return
		}
	}
}

func (a *Agent) reportInventory(last []byte, sent time.Time) ([]byte, time.Time) {
	if a.c.Inventory == nil {
		return nil, sent
	}
	inv := a.c.Inventory()
	inv.KeyStorage, inv.KeySeal = "sealed-file", sealedWith(a.c.Dir)
	b, err := json.Marshal(protocol.Reported{Inventory: &inv})
	now := a.c.Clock.Now()
	if err != nil || (bytes.Equal(b, last) && now.Sub(sent) < a.c.InventoryEvery) {
		return last, sent
	}
	if err := a.Publish(protocol.ReportedTopic(a.ID()), b); err != nil {
		a.c.Log.Warn("inventory not kept", "error", err)
		return last, sent
	}
	return b, now
}

func (a *Agent) reportHealth() {
	h := protocol.Health{}
	if a.c.Health != nil {
		h = a.c.Health()
	}
	h.Time, h.Queued = a.c.Clock.Now(), a.Queued()
	h.Uptime = h.Time.Sub(a.started).Seconds()
	b, err := json.Marshal(h)
	if err == nil {
		err = a.Publish(protocol.TelemetryTopic(a.ID(), protocol.StreamHealth), b)
	}
	if err != nil {
		a.c.Log.Warn("health not kept", "error", err)
	}
}
