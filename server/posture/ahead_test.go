package posture

import (
	"context"
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/store/storetest"
)

// ahead is a source that reads everything before it hands anything over; between is called then.
type ahead struct {
	Source
	between func()
}

func (a ahead) Each(ctx context.Context, fn func(Facts) error) error {
	var all []Facts
	err := a.Source.Each(ctx, func(f Facts) error { all = append(all, f); return nil })
	a.between()
	for _, f := range all {
		if err == nil {
			err = fn(f)
		}
	}
	return err
}

// A device that changes after the first sweep read it, and is looked at at once, is not set back to what the sweep read.
func TestFirstSweepKeepsNewerFacts(t *testing.T) {
	w, clk := newWorld(), clock.NewFake(start)
	w.types["lock"] = &fleet.DeviceType{Name: "lock", Baseline: fleet.Baseline{Firmware: "1"}}
	w.device("s1", "lock", clk.Now()).Inventory = inventory("1")
	s := engine(t, storetest.Open(t), w, clk, nil)
	s.sources[Device] = ahead{s.sources[Device], func() {
		w.mu.Lock()
		w.devices["s1"].Inventory = inventory("0")
		w.mu.Unlock()
		s.Changed(Device, "s1")
		s.Settle(t.Context())
	}}
	mustSweep(t, s)
	if got := s.state.populations[Device].subjects["s1"].obs[0].status; got != codeFail {
		t.Errorf("after the sweep it is %s", statusOf[got])
	}
}
