package probe

import (
	"log/slog"
	"testing"

	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/audit/audittest"
	"github.com/thingward/thingward/server/bus/bustest"
	"github.com/thingward/thingward/server/store/storetest"
)

// TestTheRealPolicies asks the product's own policies.
func TestTheRealPolicies(t *testing.T) {
	db, b := storetest.Open(t), bustest.Open(t)
	s, err := access.New(t.Context(), access.Config{DB: db, Bus: b, Audit: audittest.Open(t, db, b, clock.Real{}), Clock: clock.Real{}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	p := New(Config{Clock: clock.Real{}, Policy: s})
	for name := range p.policy() {
		if r, err := p.Probe(t.Context(), name); err != nil || !r.Attempted || !r.Held {
			t.Errorf("%s: %+v %v", name, r, err)
		}
	}
}
