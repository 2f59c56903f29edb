package posture

import (
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/bus/bustest"
	"github.com/thingward/thingward/server/store/storetest"
)

// TestLostBusKeepsNothingGreen loses the bus under a healthy fleet: no announcement arrives any more. What was observed ends when
// its validity does, and a device that went bad unheard is found by the sweep at the latest.
func TestLostBusKeepsNothingGreen(t *testing.T) {
	clk, w := clock.NewFake(start), newWorld()
	w.types["lock"] = &fleet.DeviceType{Name: "lock", Baseline: fleet.Baseline{Firmware: "2"}}
	w.device("a", "lock", start).Inventory = inventory("2")
	s := engine(t, storetest.Open(t), w, clk, nil)
	s.Bus = bustest.Open(t)
	stop, err := s.listen()
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	mustSweep(t, s)
	expect(t, s, "COM-10", fleet.Pass)
	expect(t, s, "SNT-18", fleet.Pass)
	if err := s.Bus.Close(); err != nil {
		t.Fatal(err)
	}
	clk.Advance(11 * time.Minute) // the device is silent from here on, and nobody can say so
	s.Settle(t.Context())
	expect(t, s, "SNT-18", fleet.Stale)
	w.mu.Lock()
	w.devices["a"].Inventory = inventory("1")
	w.mu.Unlock()
	mustSweep(t, s)
	expect(t, s, "COM-10", fleet.Fail)
}
