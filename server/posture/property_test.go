package posture

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

func inventory(firmware string) *protocol.Inventory {
	if firmware == "" {
		return nil
	}
	return &protocol.Inventory{Firmware: firmware}
}

// TestSweepAgreesAfterAnyHistory does random things to a world, announcing each as its domain would, and asks after every
// stretch that the sweep finds exactly what the incremental state says, counters included.
func TestSweepAgreesAfterAnyHistory(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 1))
			clk, w := clock.NewFake(start), newWorld()
			s := engine(t, storetest.Open(t), w, clk, nil)
			mustSweep(t, s)
			for stretch := range 25 {
				for range 1 + rnd.IntN(20) {
					w.happen(rnd, s, clk)
				}
				s.Settle(t.Context())
				if r := mustSweep(t, s); !r.Agreed {
					t.Fatalf("stretch %d: %+v %+v", stretch, r, w.published("sweep.disagreed"))
				}
				checkCounts(t, s)
			}
		})
	}
}

// happen does one random thing and announces it.
func (w *world) happen(rnd *rand.Rand, s *Service, clk *clock.Fake) {
	id, typ, serial := fmt.Sprint("d", rnd.IntN(12)), fmt.Sprint("t", rnd.IntN(3)), fmt.Sprint("c", rnd.IntN(15))
	d := w.devices[id]
	if d == nil {
		w.device(id, typ, clk.Now())
		s.Changed(Device, id)
		return
	}
	switch rnd.IntN(9) {
	case 0:
		d.Inventory = inventory(fmt.Sprint(rnd.IntN(4)))
		s.Changed(Device, id)
	case 1:
		w.types[typ] = &fleet.DeviceType{Name: typ, Baseline: fleet.Baseline{Firmware: fmt.Sprint(rnd.IntN(4))}}
		s.Changed(Type, typ)
	case 2:
		d.Device.State = []fleet.State{fleet.Active, fleet.Quarantined, fleet.Retired}[rnd.IntN(3)]
		s.Changed(Device, id)
	case 3:
		delete(w.devices, id)
		s.Changed(Device, id)
	case 4:
		silent := clk.Now().Sub(d.LastSeen) >= 10*time.Minute
		d.LastSeen = clk.Now() // heard: only the return from silence is announced
		if silent {
			s.saw(fleet.NewEvent("device.heard", clk.Now(), fleet.Server("telemetry"), fleet.Party{Kind: "device", ID: id}, map[string]any{"device": id, "silentFor": "1"}))
		}
	case 5:
		w.share(serial, fmt.Sprint("c", rnd.IntN(15)))
		s.Changed(Certificate, serial)
	case 6:
		clk.Advance(time.Duration(rnd.IntN(600)) * time.Second)
	case 7:
		d.Device.Type = typ
		s.Changed(Device, id)
	case 8:
		s.Settle(context.Background())
	}
}

// share issues a certificate, for the key of another one where neither shares yet.
func (w *world) share(a, b string) {
	if w.certs[a] == nil {
		w.certs[a] = &CertificateFacts{Certificate: fleet.Certificate{Serial: a, SubjectKind: "device", SubjectID: "d1"}}
	}
	if a != b && w.certs[b] != nil && len(w.certs[a].SharedWith)+len(w.certs[b].SharedWith) == 0 {
		w.certs[a].SharedWith, w.certs[b].SharedWith = []string{b}, []string{a}
	}
}

// checkCounts recounts every observation.
func checkCounts(t *testing.T, s *Service) {
	t.Helper()
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, p := range s.state.populations {
		for k, i := range p.checks {
			counted := make([]int, codes)
			for _, sub := range p.subjects {
				counted[sub.obs[k].status]++
				if o := sub.obs[k]; o.until <= store.Time(s.Clock.Now()) {
					t.Errorf("%s about %s ended and was not made anew", s.Checks[i].ID, sub.ID)
				}
			}
			for c := codePass; c < codes; c++ {
				if counted[c] != s.state.counts[i][c] {
					t.Errorf("%s: %d %s, counted %d", s.Checks[i].ID, s.state.counts[i][c], statusOf[c], counted[c])
				}
			}
		}
	}
}
